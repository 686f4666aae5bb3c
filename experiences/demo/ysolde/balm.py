"""Texts of the Night Balm."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Try it on your arm first", "Essayez d’abord sur le bras"),
        t(
            "A little inside the forearm, 24 hours. If it itches or turns red, do not use it.",
            "Un peu à l’intérieur de l’avant-bras, 24 heures. Si cela démange ou rougit, ne l’utilisez pas.",
        ),
    ),
    Block(
        "setup",
        t("Take as much as a pea", "Prenez l’équivalent d’un petit pois"),
        t(
            "Use the spatula or dry fingers: water in the jar spoils a balm that has no preservative.",
            "Avec la spatule ou des doigts secs : l’eau dans le pot gâte un baume sans conservateur.",
        ),
    ),
    Block(
        "setup",
        t("Warm it between your palms", "Chauffez-le entre les paumes"),
        t(
            "It turns to oil at skin warmth, in ten seconds.",
            "À la chaleur de la peau, il devient huile en dix secondes.",
        ),
    ),
    Block(
        "setup",
        t("Press it on, last of all", "Pressez, en dernier"),
        t(
            "After serum and cream. Cheeks, lips, hands; leave out oily parts.",
            "Après sérum et crème. Joues, lèvres, mains ; laissez de côté les zones grasses.",
        ),
    ),
    Block(
        "tip",
        t("Pillow", "L’oreiller"),
        t(
            "Put it on twenty minutes before you lie down. Fat marks come out of cotton at 60 °C.",
            "Appliquez-le vingt minutes avant de vous coucher. Les taches grasses partent du coton à 60 °C.",
        ),
    ),
    Block(
        "tip",
        t("In the cold", "Par grand froid"),
        t(
            "A thin layer on cheeks and nose before you go out keeps the wind off.",
            "Une fine couche sur les joues et le nez avant de sortir protège du vent.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: it has become grainy", "Est-ce normal : il est devenu granuleux"),
        t(
            "Yes. It melted and set slowly, so the shea butter formed grains. They melt on the skin. To smooth it,"
            " put the closed jar in warm water for ten minutes, stir, then 20 minutes in the fridge.",
            "Oui. Il a fondu puis figé lentement, et le karité a formé des grains. Ils fondent sur la peau. Pour le"
            " lisser : pot fermé dix minutes dans l’eau chaude, remuez, puis 20 minutes au réfrigérateur.",
        ),
    ),
    Block(
        "help",
        t("It smells like old nuts", "Il sent la vieille noix"),
        t(
            "Then its oils have turned. Do not use it any more, and tell us the batch number.",
            "Ses huiles ont ranci. Ne l’utilisez plus et dites-nous le numéro de lot.",
        ),
    ),
    Block(
        "help",
        t("Spots after a few nights", "Des boutons après quelques nuits"),
        t(
            "Use less, and only on dry parts. If they stay for two weeks, stop; this balm is then too rich for your"
            " skin.",
            "Mettez-en moins, et seulement sur les zones sèches. S’ils restent deux semaines, arrêtez : ce baume est"
            " trop riche pour votre peau.",
        ),
    ),
    Block(
        "story",
        t("Without water", "Sans eau"),
        t(
            "Water in a cream needs preservatives. This balm has none of either: butter, oils, wax.",
            "L’eau d’une crème demande des conservateurs. Ce baume n’a ni l’une ni les autres : beurre, huiles, cire.",
        ),
    ),
    Block(
        "recycle",
        t("Jar and lid", "Pot et couvercle"),
        t(
            "Wipe out the rest with paper, wash with hot water, and put the jar in glass, the lid in metal or"
            " packaging. The jar can also serve again.",
            "Essuyez le reste avec du papier, lavez à l’eau chaude ; pot au verre, couvercle au métal ou aux"
            " emballages. Le pot peut aussi resservir.",
        ),
    ),
)
