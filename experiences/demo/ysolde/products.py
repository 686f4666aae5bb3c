"""Laboratoire Ysolde's products."""

from experiences.demo.spec import ProductSpec, Use, t
from experiences.demo.ysolde import balm, brush, serum

PRODUCTS = (
    ProductSpec(
        slug="barrier-serum",
        category="skincare",
        model_number="LY-01",
        prefix="BS",
        gtin_number=710_200_000,
        profile="ysolde-flacon",
        names=t("Barrier Serum 30 ml", "Sérum Barrière 30 ml"),
        line=t(
            "A serum with ceramides, for dry and tight skin.",
            "Un sérum aux céramides, pour peau sèche qui tire.",
        ),
        picture_alt=t(
            "A small frosted glass bottle with a dropper and a pale green label",
            "Un petit flacon de verre dépoli à pipette, étiquette vert pâle",
        ),
        serial_place=t("Printed under the bottle", "Imprimé sous le flacon"),
        tag_place=t(
            "On the shoulder of the bottle, under the label", "Sur l’épaule du flacon, sous l’étiquette"
        ),
        lifetime_years=2,
        made_in="Gembloux (BE)",
        origins=("Wallonie (BE)", "Drôme (FR)"),
        uses=(
            Use("serum-formula", t("Contents", "Contenu"), "34"),
            Use("glass", t("Bottle and pipette", "Flacon et pipette"), "58"),
            Use("aluminium-cap", t("Cap", "Capuchon"), "8"),
        ),
        compositions=(
            "Aqua, Glycerin, Squalane, Niacinamide, Pentylene Glycol, Ceramide NP, Ceramide AP, Ceramide EOP,"
            " Phytosphingosine, Cholesterol, Sodium Hyaluronate, Xanthan Gum, Carbomer, Ethylhexylglycerin",
            "Aqua, Glycerin, Squalane, Niacinamide, Propanediol, Ceramide NP, Ceramide AP, Ceramide EOP,"
            " Phytosphingosine, Cholesterol, Sodium Hyaluronate, Panthenol, Xanthan Gum, Carbomer,"
            " Ethylhexylglycerin",
        ),
        weight=14,
        blocks=serum.BLOCKS,
        comes_next=(
            (
                "night-balm",
                t(
                    "The serum brings water to the skin; a balm over it in the evening keeps it there.",
                    "Le sérum apporte l’eau à la peau ; le soir, un baume par-dessus l’y garde.",
                ),
            ),
        ),
    ),
    ProductSpec(
        slug="night-balm",
        category="skincare",
        model_number="LY-04",
        prefix="NB",
        gtin_number=710_200_010,
        profile="ysolde-flacon",
        names=t("Night Balm", "Baume de Nuit"),
        line=t(
            "A balm without water, for the night and the cold.",
            "Un baume sans eau, pour la nuit et le froid.",
        ),
        picture_alt=t(
            "A low glass jar with an aluminium lid, filled with pale balm",
            "Un pot de verre bas à couvercle en aluminium, rempli de baume clair",
        ),
        serial_place=t("Printed under the jar", "Imprimé sous le pot"),
        tag_place=t("In the lid", "Dans le couvercle"),
        lifetime_years=3,
        made_in="Gembloux (BE)",
        origins=("Wallonie (BE)", "Burkina Faso"),
        uses=(
            Use("balm-formula", t("Contents", "Contenu"), "31"),
            Use("glass", t("Jar", "Pot"), "60"),
            Use("aluminium-cap", t("Lid", "Couvercle"), "9"),
        ),
        variants=(("50ML", t("50 ml", "50 ml")), ("15ML", t("15 ml, for travel", "15 ml, pour le voyage"))),
        compositions=(
            "Butyrospermum Parkii Butter, Squalane, Helianthus Annuus Seed Oil, Cera Alba, Cetearyl Alcohol,"
            " Oenothera Biennis Oil, Bisabolol, Tocopherol",
            "Butyrospermum Parkii Butter, Squalane, Camellia Oleifera Seed Oil, Cera Alba, Cetearyl Alcohol,"
            " Bisabolol, Tocopherol",
        ),
        weight=9,
        blocks=balm.BLOCKS,
        comes_next=(
            (
                "halo-brush",
                t(
                    "A balm without water is rinsed off best with one minute of the brush, the next morning.",
                    "Un baume sans eau se rince au mieux d’une minute de brosse, le lendemain matin.",
                ),
            ),
        ),
    ),
    ProductSpec(
        slug="halo-brush",
        category="devices",
        model_number="LY-H2",
        prefix="HB",
        gtin_number=710_200_020,
        profile="ysolde-halo",
        names=t("Halo Brush", "Brosse Halo"),
        line=t(
            "A cleansing brush that stops after one minute.",
            "Une brosse nettoyante qui s’arrête après une minute.",
        ),
        picture_alt=t(
            "A small white cleansing brush with a round silicone head and a ring of light",
            "Une petite brosse blanche, tête ronde en silicone et anneau lumineux",
        ),
        serial_place=t(
            "Printed on the foot, beside the charging contacts", "Imprimé sur le pied, près des contacts"
        ),
        tag_place=t("In the foot, under the serial number", "Dans le pied, sous le numéro de série"),
        lifetime_years=6,
        made_in="Liège (BE)",
        origins=("Liège (BE)",),
        uses=(
            Use("abs", t("Housing", "Coque"), "52"),
            Use("silicone", t("Head", "Tête"), "18"),
            Use("lithium-cell", t("Battery", "Batterie"), "22"),
        ),
        variants=(("WHITE", t("White", "Blanc")), ("SAGE", t("Sage", "Sauge"))),
        weight=9,
        blocks=brush.BLOCKS,
        comes_next=(
            (
                "barrier-serum",
                t(
                    "After cleansing, the first layer: two drops on skin that is still damp.",
                    "Après le nettoyage, la première couche : deux gouttes sur la peau encore humide.",
                ),
            ),
        ),
    ),
)
