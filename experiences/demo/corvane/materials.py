"""What Maison Corvane's things are made of, and how that keeps."""

from experiences.demo.spec import MaterialSpec, t

MATERIALS = (
    MaterialSpec(
        "bridle-leather",
        t("Vegetable-tanned calf leather", "Cuir de veau à tannage végétal"),
        cleaning=t(
            "Brush off dust with a soft brush. Wipe marks with a barely damp cloth, then let the leather dry in"
            " the air, away from heat.",
            "Ôtez la poussière avec une brosse douce. Essuyez les marques avec un chiffon à peine humide, puis"
            " laissez sécher à l’air, loin de toute chaleur.",
        ),
        avoid=t(
            "Radiators, hair dryers and long hours in the sun dry leather out. Alcohol, wet wipes and shoe"
            " polish take its colour off.",
            "Les radiateurs, les sèche-cheveux et le plein soleil dessèchent le cuir. L’alcool, les lingettes et"
            " le cirage enlèvent sa teinte.",
        ),
        treatment=t("Condition the leather", "Nourrir le cuir"),
        every_months=6,
    ),
    MaterialSpec(
        "cotton-lining",
        t("Cotton canvas lining", "Doublure en toile de coton"),
        cleaning=t(
            "Turn the lining out as far as it goes and vacuum it. Dab stains with lukewarm water and a drop of"
            " mild soap, then dry it open.",
            "Retournez la doublure autant que possible et aspirez-la. Tamponnez les taches à l’eau tiède avec"
            " une goutte de savon doux, puis séchez ouvert.",
        ),
        avoid=t(
            "Do not soak it, and do not tumble-dry.", "Ne la trempez pas et ne la passez pas au sèche-linge."
        ),
    ),
    MaterialSpec(
        "brass",
        t("Solid brass fittings", "Garnitures en laiton massif"),
        cleaning=t(
            "Wipe with a dry cloth. Brass darkens with time; a little brass polish on a cotton bud brings the"
            " shine back. Keep the polish off the leather.",
            "Essuyez avec un chiffon sec. Le laiton fonce avec le temps ; un peu de pâte à polir sur un"
            " coton-tige lui rend son éclat. Ne touchez pas le cuir avec la pâte.",
        ),
        avoid=t(
            "Salt water stains brass. Rinse it off with fresh water.",
            "L’eau salée tache le laiton. Rincez à l’eau douce.",
        ),
    ),
    MaterialSpec(
        "steel-316l",
        t("Stainless steel 316L", "Acier inoxydable 316L"),
        cleaning=t(
            "With the crown pushed in, rinse under lukewarm water with a drop of mild soap, brush softly between"
            " case and lugs, and dry.",
            "Couronne enfoncée, rincez à l’eau tiède avec une goutte de savon doux, brossez doucement entre la"
            " boîte et les cornes, puis séchez.",
        ),
        avoid=t(
            "Chlorine and salt water attack the seals. Rinse with fresh water after a swim.",
            "Le chlore et l’eau salée attaquent les joints. Rincez à l’eau douce après la baignade.",
        ),
    ),
    MaterialSpec(
        "sapphire",
        t("Sapphire crystal", "Verre saphir"),
        cleaning=t("Wipe with a microfibre cloth.", "Essuyez avec un chiffon en microfibre."),
        avoid=t(
            "Sapphire hardly scratches, but a hard knock on an edge can chip it.",
            "Le saphir ne se raye guère, mais un choc sur une arête peut l’ébrécher.",
        ),
    ),
    MaterialSpec(
        "calf-strap",
        t("Calf leather strap", "Bracelet en veau"),
        cleaning=t(
            "Take the strap off once a month and wipe both sides with a dry cloth.",
            "Retirez le bracelet une fois par mois et essuyez les deux faces avec un chiffon sec.",
        ),
        avoid=t(
            "Do not shower or swim with it. If it got wet, let it dry flat, away from heat.",
            "Ne le portez ni sous la douche ni dans l’eau. S’il est mouillé, séchez-le à plat, loin de la chaleur.",
        ),
        treatment=t("Check the strap and its spring bars", "Vérifier le bracelet et ses barrettes"),
        every_months=12,
    ),
    MaterialSpec(
        "movement",
        t("Automatic movement, brass and steel", "Mouvement automatique, laiton et acier"),
        avoid=t(
            "Keep it away from loudspeakers, tablet covers and magnetic clasps: magnetism makes it run fast.",
            "Éloignez-la des haut-parleurs, des étuis de tablette et des fermoirs magnétiques : le magnétisme la"
            " fait avancer.",
        ),
        treatment=t("Have the water resistance tested", "Faire contrôler l’étanchéité"),
        every_months=24,
    ),
)
