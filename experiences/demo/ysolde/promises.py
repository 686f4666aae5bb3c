"""What Laboratoire Ysolde stands for, and the words of its consents. Creams and serums have no coverage."""

from experiences.demo.spec import PlanSpec, WordingSpec, t

PLANS = (
    PlanSpec(
        t("One-year warranty of the device", "Garantie de l’appareil, un an"),
        12,
        t(
            "- The motor and the battery\n- The charging base and its cable\n- The seal against water",
            "- Le moteur et la batterie\n- La base de charge et son câble\n- Le joint d’étanchéité",
        ),
        t(
            "- Brush heads, which wear out with use\n- Falls and broken housings\n"
            "- Chargers other than the one in the box",
            "- Les têtes de brosse, qui s’usent\n- Les chutes et les coques brisées\n"
            "- Les chargeurs autres que celui de la boîte",
        ),
        product="halo-brush",
        starts_from="sale",
    ),
)

WORDINGS = (
    WordingSpec(
        2500,
        t(
            "Laboratoire Ysolde may send me advice for my skin by e-mail.",
            "Laboratoire Ysolde peut m’envoyer des conseils pour ma peau par e-mail.",
        ),
    ),
    WordingSpec(
        300,
        t(
            "Laboratoire Ysolde may send me advice and offers by e-mail, four times a year. I can stop this at"
            " any time.",
            "Laboratoire Ysolde peut m’envoyer des conseils et des offres par e-mail, quatre fois par an. Je peux"
            " y mettre fin à tout moment.",
        ),
    ),
)
