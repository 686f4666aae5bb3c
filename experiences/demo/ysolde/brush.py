"""Texts of the Halo Brush."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Charge it fully", "Chargez-la à fond"),
        t(
            "Put it on its foot for three hours. The ring fills up and then stays lit.",
            "Posez-la sur son pied pendant trois heures. L’anneau se remplit puis reste allumé.",
        ),
    ),
    Block(
        "setup",
        t("Click the head on", "Clipsez la tête"),
        t("Turn it right until it clicks.", "Tournez à droite jusqu’au clic."),
    ),
    Block(
        "setup",
        t("Wet your face, and add cleanser", "Mouillez le visage, ajoutez le nettoyant"),
        t(
            "Use a gel or milk without grains and without silicone oil.",
            "Prenez un gel ou un lait, sans grains et sans huile de silicone.",
        ),
    ),
    Block(
        "setup",
        t("One minute, in circles", "Une minute, en cercles"),
        t(
            "It pauses every 20 seconds: forehead, cheeks, chin. Do not press; it stops by itself after a minute.",
            "Elle marque une pause toutes les 20 secondes : front, joues, menton. N’appuyez pas ; elle s’arrête"
            " seule après une minute.",
        ),
    ),
    Block(
        "setup",
        t("Rinse and hang it up", "Rincez et suspendez"),
        t("Rinse the head and let it dry in the air.", "Rincez la tête et laissez sécher à l’air."),
    ),
    Block(
        "tip",
        t("Every second evening at first", "Un soir sur deux au début"),
        t(
            "After two weeks, every evening if your skin stays calm. Not on sunburn, wounds or active acne.",
            "Après deux semaines, chaque soir si la peau reste calme. Pas sur un coup de soleil, une plaie ou une"
            " poussée d’acné.",
        ),
    ),
    Block(
        "tip",
        t("A charge lasts about 90 uses", "Une charge dure environ 90 usages"),
        t("Take it off its foot once it is full.", "Retirez-la du pied une fois pleine."),
    ),
    Block(
        "help",
        t("What does this light mean", "Que signifie ce voyant"),
        t(
            "- White, filling: it charges.\n- White, steady on the foot: full.\n- Amber, three blinks: charge it"
            " today.\n- Amber, slow: too warm or too cold; wait until it has room temperature.\n- Red, steady: a"
            " fault. Take it off the foot, do not charge it, and write to us.",
            "- Blanc qui se remplit : elle charge.\n- Blanc fixe sur le pied : pleine.\n- Ambre, trois"
            " clignotements : chargez-la aujourd’hui.\n- Ambre, lent : trop chaude ou trop froide ; attendez la"
            " température ambiante.\n- Rouge fixe : défaut. Retirez-la du pied, ne la chargez plus, écrivez-nous.",
        ),
    ),
    Block(
        "help",
        t("Unusual noise: it rattles or hums louder", "Bruit inhabituel : elle vibre ou bourdonne plus fort"),
        t(
            "Take the head off and run it for five seconds. Quiet now: the head sits crooked or is worn; clean the"
            " socket and click it on again, or change it. Still loud: stop using it, the motor's bearing is worn.",
            "Retirez la tête et faites-la tourner cinq secondes. Silencieuse : la tête est de travers ou usée ;"
            " nettoyez le logement et clipsez-la de nouveau, ou changez-la. Toujours bruyante : arrêtez, le palier"
            " du moteur est usé.",
        ),
    ),
    Block(
        "help",
        t("It does not charge", "Elle ne charge pas"),
        t(
            "Wipe the contacts on brush and foot with a dry cotton bud, and try another USB plug of 5 V. If the ring"
            " stays dark for ten minutes, the cell is exhausted: we change it.",
            "Essuyez les contacts de la brosse et du pied avec un coton-tige sec, et essayez un autre adaptateur USB"
            " de 5 V. Si l’anneau reste éteint dix minutes, la cellule est épuisée : nous la changeons.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: it stops after a minute", "Est-ce normal : elle s’arrête après une minute"),
        t(
            "Yes, so that nobody brushes too long. If it stops earlier, charge it and press less.",
            "Oui, pour que personne ne brosse trop longtemps. Si elle s’arrête avant, chargez-la et appuyez moins.",
        ),
    ),
    Block(
        "story",
        t("One button, one minute", "Un bouton, une minute"),
        t(
            "It has one speed and no app. The head clicks off, the foot opens with two screws, the cell has a plug.",
            "Une vitesse, pas d’application. La tête se déclipse, le pied s’ouvre avec deux vis, la cellule se"
            " débranche.",
        ),
    ),
    Block(
        "service",
        t("What can be changed", "Ce qui se change"),
        t(
            "Head every six months; cell and seals by us, within ten days. Write to conseil@ysolde.example with the"
            " serial number and what the light shows.",
            "La tête tous les six mois ; cellule et joints chez nous, en dix jours. Écrivez à conseil@ysolde.example"
            " avec le numéro de série et ce que montre le voyant.",
        ),
    ),
    Block(
        "recycle",
        t("It holds a lithium cell", "Elle contient une cellule au lithium"),
        t(
            "Never into household waste: a crushed cell burns. Run it empty and bring it to a collection point for"
            " electrical devices, or to the shop where you buy a new one. Heads are silicone: general waste.",
            "Jamais à la poubelle : une cellule écrasée prend feu. Videz-la et portez-la à une collecte d’appareils"
            " électriques, ou au magasin où vous en achetez une neuve. Les têtes en silicone : ordures ménagères.",
        ),
    ),
)
