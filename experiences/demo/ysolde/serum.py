"""Texts of the Barrier Serum."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Try it on your arm first", "Essayez d’abord sur le bras"),
        t(
            "Put one drop inside your forearm and wait 24 hours. If the skin itches or turns red, do not use it.",
            "Mettez une goutte à l’intérieur de l’avant-bras et attendez 24 heures. Si cela démange ou rougit, ne"
            " l’utilisez pas.",
        ),
    ),
    Block(
        "setup",
        t("Write the date on the bottle", "Notez la date sur le flacon"),
        t(
            "From the first opening it keeps for 6 months.",
            "Après la première ouverture, il se garde 6 mois.",
        ),
    ),
    Block(
        "setup",
        t("Cleanse, leave the skin damp", "Nettoyez, laissez la peau humide"),
        t(
            "Lukewarm water, a mild cleanser, pat once with a towel.",
            "Eau tiède, nettoyant doux, tamponnez une fois.",
        ),
    ),
    Block(
        "setup",
        t("Three drops, morning and evening", "Trois gouttes, matin et soir"),
        t(
            "Into the palm, then onto face and neck. Keep off the lids.",
            "Dans la paume, puis sur le visage et le cou. Évitez les paupières.",
        ),
    ),
    Block(
        "setup",
        t("Then your cream, and sunscreen by day", "Puis votre crème, et un écran solaire le jour"),
        t("The serum does not protect from the sun.", "Le sérum ne protège pas du soleil."),
    ),
    Block(
        "tip",
        t("Give it four weeks", "Donnez-lui quatre semaines"),
        t(
            "Tightness usually eases within days; the surface of the skin renews itself in about four weeks. Change"
            " nothing else meanwhile, so that you know what helped.",
            "La sensation de tiraillement diminue en général en quelques jours ; la surface de la peau se renouvelle"
            " en quatre semaines environ. Ne changez rien d’autre entre-temps.",
        ),
    ),
    Block(
        "tip",
        t("With acids or retinol", "Avec des acides ou du rétinol"),
        t(
            "Use them in the evening, this serum in the morning, until your skin is calm.",
            "Ceux-ci le soir, ce sérum le matin, jusqu’à ce que la peau soit calme.",
        ),
    ),
    Block(
        "help",
        t("Which batch you have", "Quel est votre lot"),
        t(
            "{% if unit.batch %}Batch `{{ unit.batch }}`{% if unit.made_on %}, filled on {{ unit.made_on }}{% endif %}."
            " Name it when you write to us about a reaction: we keep a sample of every batch.{% endif %}",
            "{% if unit.batch %}Lot `{{ unit.batch }}`{% if unit.made_on %}, rempli le {{ unit.made_on }}{% endif %}."
            " Indiquez-le si vous nous écrivez au sujet d’une réaction : nous gardons un échantillon de chaque"
            " lot.{% endif %}",
        ),
    ),
    Block(
        "help",
        t("Is this normal: it tingles", "Est-ce normal : cela picote"),
        t(
            "A light tingle for a minute on very dry skin is common. Burning, swelling or redness that stays an hour"
            " is not: rinse with water, stop, and ask a pharmacist or doctor.",
            "Un léger picotement d’une minute sur peau très sèche est courant. Une brûlure, un gonflement ou une"
            " rougeur qui dure une heure, non : rincez, arrêtez, demandez à un pharmacien ou un médecin.",
        ),
    ),
    Block(
        "help",
        t("Colour, smell or texture changed", "Couleur, odeur ou texture changées"),
        t(
            "Slightly cloudy in the cold is normal and clears at room temperature. Yellow, sour or in flakes: do not"
            " use it, and tell us the batch number.",
            "Un peu trouble au froid, c’est normal et cela passe à température ambiante. Jaune, acide ou en flocons :"
            " ne l’utilisez plus et dites-nous le numéro de lot.",
        ),
    ),
    Block(
        "help",
        t("The pipette draws no liquid", "La pipette n’aspire plus"),
        t(
            "Rinse it with warm water, press the bulb ten times, and let it dry before it goes back.",
            "Rincez-la à l’eau chaude, pressez la poire dix fois et laissez-la sécher avant de la remettre.",
        ),
    ),
    Block(
        "help",
        t("Pregnant, or under treatment", "Enceinte, ou sous traitement"),
        t(
            "The full list of ingredients of your batch stands on this page. Show it to your doctor or pharmacist.",
            "La liste complète des ingrédients de votre lot figure sur cette page. Montrez-la à votre médecin ou"
            " pharmacien.",
        ),
    ),
    Block(
        "story",
        t("No perfume", "Sans parfum"),
        t(
            "The outer layer of skin is held together by ceramides, cholesterol and fatty acids. This serum brings"
            " the first two. It holds no perfume and no essential oil.",
            "La couche externe de la peau tient par des céramides, du cholestérol et des acides gras. Ce sérum"
            " apporte les deux premiers. Ni parfum ni huile essentielle.",
        ),
    ),
    Block(
        "recycle",
        t("Bottle, pipette, cap", "Flacon, pipette, capuchon"),
        t(
            "Rinse the bottle and put it in glass. The cap is aluminium: metal or packaging. The pipette's rubber"
            " goes to general waste. Do not pour leftovers into the sink: bring them to a collection point.",
            "Rincez le flacon et mettez-le au verre. Le capuchon est en aluminium : métal ou emballages. La poire en"
            " caoutchouc va aux ordures. Ne videz pas de reste dans l’évier : portez-le en déchetterie.",
        ),
    ),
)
