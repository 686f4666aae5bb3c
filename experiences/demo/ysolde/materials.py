"""What Laboratoire Ysolde's things are made of, and how that keeps."""

from experiences.demo.spec import MaterialSpec, t

MATERIALS = (
    MaterialSpec(
        "serum-formula",
        t("Serum, water-based", "Sérum, à base d’eau"),
        cleaning=t(
            "Wipe the dropper's neck with a clean tissue. Do not touch skin with the pipette.",
            "Essuyez le col de la pipette avec un mouchoir propre. Ne touchez pas la peau avec la pipette.",
        ),
        avoid=t(
            "Keep the bottle between 5 and 25 °C, closed, out of the sun. Use it within 6 months of opening.",
            "Conservez le flacon entre 5 et 25 °C, fermé, à l’abri du soleil. À utiliser dans les 6 mois après"
            " ouverture.",
        ),
    ),
    MaterialSpec(
        "balm-formula",
        t("Balm, without water", "Baume, sans eau"),
        cleaning=t(
            "Take the balm out with the spatula or with clean, dry fingers.",
            "Prélevez le baume avec la spatule ou avec des doigts propres et secs.",
        ),
        avoid=t(
            "Above 30 °C the balm melts and turns grainy when it sets; it stays usable. Use it within 12 months"
            " of opening.",
            "Au-dessus de 30 °C, le baume fond et devient granuleux en figeant ; il reste utilisable. À utiliser"
            " dans les 12 mois après ouverture.",
        ),
    ),
    MaterialSpec(
        "glass",
        t("Glass", "Verre"),
        cleaning=t("Rinse it empty before you recycle it.", "Rincez-le une fois vide avant de le recycler."),
    ),
    MaterialSpec(
        "aluminium-cap",
        t("Aluminium", "Aluminium"),
        cleaning=t("Wipe with a dry cloth.", "Essuyez avec un chiffon sec."),
    ),
    MaterialSpec(
        "silicone",
        t("Medical-grade silicone", "Silicone de qualité médicale"),
        cleaning=t(
            "Rinse the head under lukewarm water with your cleanser after every use, and let it dry in the air.",
            "Rincez la tête à l’eau tiède avec votre nettoyant après chaque usage, et laissez sécher à l’air.",
        ),
        avoid=t(
            "Silicone-based or abrasive products make the bristles sticky or rough.",
            "Les produits à base de silicone ou abrasifs rendent les picots collants ou rugueux.",
        ),
        treatment=t("Change the brush head", "Changer la tête de brosse"),
        every_months=6,
    ),
    MaterialSpec(
        "abs",
        t("ABS housing", "Coque en ABS"),
        cleaning=t("Wipe with a damp cloth.", "Essuyez avec un chiffon humide."),
        avoid=t(
            "Alcohol and acetone make the housing brittle.",
            "L’alcool et l’acétone fragilisent la coque.",
        ),
    ),
    MaterialSpec(
        "lithium-cell",
        t("Lithium-ion cell", "Cellule lithium-ion"),
        avoid=t(
            "Do not leave it empty for months, and do not charge it below 5 °C or above 35 °C.",
            "Ne la laissez pas vide pendant des mois, et ne la chargez ni sous 5 °C ni au-dessus de 35 °C.",
        ),
        treatment=t("Charge it, even if you do not use it", "La charger, même sans l’utiliser"),
        every_months=3,
    ),
)
