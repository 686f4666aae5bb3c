"""Maison Corvane's products."""

from experiences.demo.corvane import card_holder, watch, weekender
from experiences.demo.spec import ProductSpec, Use, t

MAKERS = ("Solène Vautrier", "Anselm Roque", "Maud Kerivel", "Igor Castagnol")

PRODUCTS = (
    ProductSpec(
        slug="alder-weekender",
        category="leather-goods",
        model_number="CV-210",
        prefix="AW-",
        gtin_number=710_100_000,
        older="approval",
        profile="corvane-atelier",
        names=t("Alder Weekender", "Alder Weekender"),
        line=t(
            "A weekend bag for two nights, cut from one hide.",
            "Un sac pour deux nuits, coupé dans une seule peau.",
        ),
        picture_alt=t(
            "A brown leather travel bag with two rolled handles and a brass zip",
            "Un sac de voyage en cuir brun, à deux poignées rondes et fermeture en laiton",
        ),
        serial_place=t(
            "Stamped inside, under the pocket flap", "Frappé à l’intérieur, sous le rabat de la poche"
        ),
        tag_place=t("Under the leather tab on the left side", "Sous la languette de cuir, côté gauche"),
        lifetime_years=25,
        made_in="Graulhet (FR)",
        origins=("Aveyron (FR)", "Tarn (FR)", "Toscana (IT)"),
        uses=(
            Use("bridle-leather", t("Body and handles", "Corps et poignées"), "72"),
            Use("cotton-lining", t("Lining", "Doublure"), "17"),
            Use("brass", t("Zip, rings and feet", "Fermeture, anneaux et pieds"), "11"),
        ),
        variants=(("CHESTNUT", t("Chestnut", "Châtaigne")), ("BLACK", t("Black", "Noir"))),
        makers=MAKERS,
        weight=10,
        blocks=weekender.BLOCKS,
    ),
    ProductSpec(
        slug="petit-alder",
        category="leather-goods",
        model_number="CV-034",
        prefix="PA-",
        gtin_number=710_100_010,
        profile="corvane-atelier",
        names=t("Petit Alder card holder", "Porte-cartes Petit Alder"),
        line=t(
            "Six cards and two folded notes, in one piece.",
            "Six cartes et deux billets pliés, d’un seul tenant.",
        ),
        picture_alt=t(
            "A small leather card holder with two slots showing and a stitched edge",
            "Un petit porte-cartes en cuir, deux fentes visibles et un bord cousu",
        ),
        serial_place=t("Stamped inside the middle slot", "Frappé dans la fente du milieu"),
        tag_place=t("Between the layers of the back", "Entre les couches du dos"),
        lifetime_years=12,
        made_in="Graulhet (FR)",
        origins=("Aveyron (FR)", "Tarn (FR)"),
        uses=(Use("bridle-leather", t("Whole body", "L’ensemble"), "97"),),
        variants=(
            ("CHESTNUT", t("Chestnut", "Châtaigne")),
            ("FOREST", t("Forest green", "Vert forêt")),
        ),
        makers=MAKERS,
        weight=14,
        blocks=card_holder.BLOCKS,
    ),
    ProductSpec(
        slug="meridian-38",
        category="watches",
        model_number="CM-38A",
        prefix="M38-",
        gtin_number=710_100_020,
        older="approval",
        profile="corvane-montres",
        names=t("Meridian 38 automatic", "Meridian 38 automatique"),
        line=t(
            "A 38 mm watch that winds itself while you wear it.",
            "Une montre de 38 mm qui se remonte au poignet.",
        ),
        picture_alt=t(
            "A round steel watch with a cream dial, three hands and a brown strap",
            "Une montre ronde en acier, cadran crème, trois aiguilles et bracelet brun",
        ),
        serial_place=t("Engraved on the back of the case", "Gravé au dos de la boîte"),
        tag_place=t(
            "Under the dial side of the strap, near the buckle", "Dans le bracelet, près de la boucle"
        ),
        lifetime_years=40,
        made_in="Besançon (FR)",
        origins=("Jura (FR)",),
        uses=(
            Use("steel-316l", t("Case and buckle", "Boîte et boucle"), "58"),
            Use("movement", t("Movement", "Mouvement"), "24"),
            Use("sapphire", t("Crystal and case back", "Verre et fond"), "8"),
            Use("calf-strap", t("Strap", "Bracelet"), "10"),
        ),
        makers=("Aurèle Montbrun", "Sidonie Falck"),
        weight=8,
        blocks=watch.BLOCKS,
    ),
)
