"""Kronfeldt's products."""

from experiences.demo.kronfeldt import drill, espresso, mixer
from experiences.demo.spec import ProductSpec, Use, t

PRODUCTS = (
    ProductSpec(
        slug="k7-mixer",
        category="kitchen",
        model_number="K7",
        prefix="K7-",
        gtin_number=710_300_000,
        profile="kronfeldt-werk",
        names=t("K7 stand mixer", "Robot pâtissier K7"),
        line=t(
            "A stand mixer for up to 2 kg of bread dough.",
            "Un robot pour pétrir jusqu’à 2 kg de pâte à pain.",
        ),
        picture_alt=t(
            "A dark stand mixer with a steel bowl and an orange speed dial",
            "Un robot pâtissier sombre, bol en acier et molette orange",
        ),
        serial_place=t("On the plate under the base", "Sur la plaque sous le socle"),
        tag_place=t("On the back of the arm, behind the logo", "Au dos du bras, derrière le logo"),
        lifetime_years=20,
        made_in="Remscheid (DE)",
        origins=("Bergisches Land (DE)",),
        uses=(
            Use("zinc-alloy", t("Base and arm", "Socle et bras"), "61"),
            Use("stainless-steel", t("Bowl and tools", "Bol et accessoires"), "19"),
            Use("planetary-gear", t("Gear", "Engrenage"), "12"),
        ),
        variants=(("STEEL", t("Steel grey", "Gris acier")), ("SIGNAL", t("Signal orange", "Orange signal"))),
        weight=10,
        blocks=mixer.BLOCKS,
    ),
    ProductSpec(
        slug="e3-espresso",
        category="kitchen",
        model_number="E3",
        prefix="E3-",
        gtin_number=710_300_010,
        older="pattern",
        older_pattern="E3[A-H][0-9]{5}",
        profile="kronfeldt-werk",
        names=t("E3 espresso machine", "Machine à expresso E3"),
        line=t(
            "One boiler, one lever, hot in nine minutes.", "Une chaudière, un levier, chaude en neuf minutes."
        ),
        picture_alt=t(
            "A black espresso machine with a steel group, a portafilter and a pressure gauge",
            "Une machine à expresso noire, groupe en acier, porte-filtre et manomètre",
        ),
        serial_place=t("On the plate behind the drip tray", "Sur la plaque derrière le bac"),
        tag_place=t("On the right side panel, below the cup rail", "Sur le flanc droit, sous la rambarde"),
        lifetime_years=15,
        made_in="Remscheid (DE)",
        origins=("Bergisches Land (DE)", "Emilia-Romagna (IT)"),
        uses=(
            Use("stainless-steel", t("Body and tray", "Corps et bac"), "48"),
            Use("water-circuit", t("Boiler and water lines", "Chaudière et conduites"), "33"),
            Use("group-seal", t("Group seal", "Joint de groupe"), "0.2"),
        ),
        weight=9,
        recalled_batch=1400,
        blocks=espresso.BLOCKS,
    ),
    ProductSpec(
        slug="d18-drill",
        category="power-tools",
        model_number="D18",
        prefix="D18-",
        gtin_number=710_300_020,
        older="approval",
        profile="kronfeldt-tools",
        names=t("D18 drill driver", "Perceuse-visseuse D18"),
        line=t("An 18 V drill driver with two gears.", "Une perceuse-visseuse 18 V à deux vitesses."),
        picture_alt=t(
            "A black cordless drill with an orange collar, a steel chuck and a battery foot",
            "Une perceuse sans fil noire, bague orange, mandrin en acier et batterie",
        ),
        serial_place=t("On the plate under the motor", "Sur la plaque sous le moteur"),
        tag_place=t(
            "On the left side of the handle, above the battery",
            "À gauche de la poignée, au-dessus de la batterie",
        ),
        lifetime_years=10,
        made_in="Remscheid (DE)",
        origins=("Bergisches Land (DE)",),
        uses=(
            Use("pa-housing", t("Housing", "Coque"), "34"),
            Use("keyless-chuck", t("Chuck", "Mandrin"), "21"),
            Use("battery-18v", t("Battery", "Batterie"), "30"),
        ),
        variants=(
            ("ONE", t("With one battery", "Avec une batterie")),
            ("TWO", t("With two batteries", "Avec deux batteries")),
        ),
        weight=12,
        blocks=drill.BLOCKS,
    ),
)
