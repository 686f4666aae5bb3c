"""Texts of the Petit Alder card holder."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Start with two cards a slot", "Commencez avec deux cartes par fente"),
        t(
            "New slots are tight. Leave two cards in each for two days and they give by themselves.",
            "Les fentes neuves sont serrées. Laissez deux cartes dans chacune pendant deux jours.",
        ),
    ),
    Block(
        "setup",
        t("Put the chip's side outwards", "Le côté de la puce vers l’extérieur"),
        t(
            "Hold your phone to the plain back to read this page. Bank cards inside may answer first: take them out"
            " if the phone offers to pay.",
            "Approchez le téléphone du dos uni pour lire cette page. Les cartes bancaires peuvent répondre avant :"
            " retirez-les si le téléphone propose de payer.",
        ),
    ),
    Block(
        "setup",
        t("Fold notes twice", "Pliez les billets en deux fois"),
        t(
            "Folded in four, two notes lie flat in the middle.",
            "Pliés en quatre, deux billets tiennent à plat au milieu.",
        ),
    ),
    Block(
        "setup",
        t("Wear it in the front pocket", "Portez-le dans la poche avant"),
        t("Sitting on it bends cards and seams.", "S’asseoir dessus plie les cartes et les coutures."),
    ),
    Block(
        "tip",
        t("The edge gets darker", "La tranche fonce"),
        t(
            "The painted edge takes on the colour of use within a month. That is patina, not dirt.",
            "La tranche peinte prend la couleur de l’usage en un mois. C’est la patine, pas de la saleté.",
        ),
    ),
    Block(
        "tip",
        t("New jeans", "Un jean neuf"),
        t(
            "Raw denim gives its blue to light leather, and it does not come out. Wash the jeans first.",
            "Le denim brut déteint sur le cuir clair, et cela ne part pas. Lavez d’abord le jean.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: the slots have become loose", "Est-ce normal : les fentes se sont élargies"),
        t(
            "Yes, after a year. Put one more card in. If a card falls out when you turn the holder upside down, the"
            " seam has stretched: we resew it.",
            "Oui, après un an. Ajoutez une carte. Si une carte tombe en retournant le porte-cartes, la couture"
            " s’est détendue : nous la recousons.",
        ),
    ),
    Block(
        "help",
        t("It got wet", "Il a pris l’eau"),
        t(
            "Take the cards out, press it between two towels and let it dry open for a day, away from heat. Then"
            " condition it.",
            "Retirez les cartes, pressez-le entre deux serviettes et laissez-le sécher ouvert un jour, loin de la"
            " chaleur. Nourrissez-le ensuite.",
        ),
    ),
    Block(
        "help",
        t("A thread has come loose", "Un fil dépasse"),
        t(
            "Do not pull it. Cut it at 2 mm. If stitches open, stop using that slot and write to us.",
            "Ne tirez pas. Coupez-le à 2 mm. Si des points s’ouvrent, n’utilisez plus cette fente et écrivez-nous.",
        ),
    ),
    Block(
        "story",
        t("Cut from what bags leave", "Coupé dans ce que les sacs laissent"),
        t(
            "The Petit Alder is cut from the same hides as our bags, between the large panels.",
            "Le Petit Alder est coupé dans les mêmes peaux que nos sacs, entre les grands panneaux.",
        ),
    ),
    Block(
        "service",
        t("What we repair", "Ce que nous réparons"),
        t(
            "Seams and edges, usually within two weeks. Write to atelier@corvane.example with the serial number and"
            " a photograph of the place.",
            "Coutures et tranches, en deux semaines en général. Écrivez à atelier@corvane.example avec le numéro de"
            " série et une photo de l’endroit.",
        ),
    ),
    Block(
        "recycle",
        t("When it has come to its end", "Quand il a fait son temps"),
        t(
            "Take all cards out. It is leather and thread: send it back to the workshop in an envelope, or give it"
            " to a textile collection.",
            "Retirez toutes les cartes. C’est du cuir et du fil : renvoyez-le à l’atelier dans une enveloppe, ou"
            " déposez-le à une collecte textile.",
        ),
    ),
)
