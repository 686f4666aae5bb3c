"""Texts of the Alder Weekender."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Let the bag find its shape", "Laissez le sac prendre sa forme"),
        t(
            "Take the paper out and leave the bag open overnight. Folds from the box flatten within two days.",
            "Retirez le papier et laissez le sac ouvert une nuit. Les plis de la boîte disparaissent en deux jours.",
        ),
    ),
    Block(
        "setup",
        t("Fit the shoulder strap", "Fixez la bandoulière"),
        t(
            "Hook both snap hooks into the side rings with their gates facing out. Pull once on each.",
            "Accrochez les deux mousquetons aux anneaux latéraux, ouverture vers l’extérieur. Tirez une fois sur"
            " chacun.",
        ),
    ),
    Block(
        "setup",
        t("Set the strap's length", "Réglez la longueur"),
        t(
            "The bag should hang at your hip. Move the pin of the buckle two holes at a time.",
            "Le sac doit tomber à la hanche. Déplacez l’ardillon de deux trous à la fois.",
        ),
    ),
    Block(
        "setup",
        t("Condition it once before the first trip", "Nourrissez-le une fois avant le premier voyage"),
        t(
            "Spread a hazelnut of colourless leather balm with a cotton cloth, wait an hour, and buff. Try it under"
            " the flap first: the leather darkens a little.",
            "Étalez une noisette de baume incolore avec un chiffon de coton, attendez une heure, lustrez. Essayez"
            " d’abord sous le rabat : le cuir fonce un peu.",
        ),
    ),
    Block(
        "tip",
        t("Rain in the first weeks", "La pluie, les premières semaines"),
        t(
            "Drops leave darker spots until the leather has its patina. Wipe the whole panel with a damp cloth, not"
            " the spot alone, and let it dry.",
            "Les gouttes laissent des taches plus sombres tant que le cuir n’a pas sa patine. Essuyez tout le"
            " panneau avec un chiffon humide, pas la seule tache, et laissez sécher.",
        ),
    ),
    Block(
        "tip",
        t("How much it carries", "Ce qu’il porte"),
        t(
            "Up to 12 kg. Above that the handles stretch for good.",
            "Jusqu’à 12 kg. Au-delà, les poignées s’allongent définitivement.",
        ),
    ),
    Block(
        "tip",
        t("Keep it stuffed", "Gardez-le rempli"),
        t(
            "Between trips fill it with a blanket and put it in its cotton cover, not in plastic: leather needs air.",
            "Entre deux voyages, glissez-y une couverture et rangez-le dans sa housse de coton, jamais dans du"
            " plastique : le cuir doit respirer.",
        ),
    ),
    Block(
        "tip",
        t("Who made yours", "Qui a fait le vôtre"),
        t(
            "{% if unit.attributes.artisan %}{{ unit.attributes.artisan }} sewed your bag"
            "{% if unit.made_on %} in {{ unit.made_on | date: 'month' }}{% endif %}, from the first panel to the last."
            " It is yours since {{ owner.since }}. When you write to the workshop, name `{{ unit.serial }}`: a repair"
            " goes to the same bench.{% endif %}",
            "{% if unit.attributes.artisan %}{{ unit.attributes.artisan }} a cousu votre sac"
            "{% if unit.made_on %} en {{ unit.made_on | date: 'month' }}{% endif %}, du premier au dernier panneau."
            " Il est à vous depuis le {{ owner.since }}. Quand vous écrivez à l’atelier, indiquez"
            " `{{ unit.serial }}` : la réparation revient au même établi.{% endif %}",
        ),
        audience="owner",
    ),
    Block(
        "help",
        t("Is this normal: marks, veins and shades", "Est-ce normal : marques, veines et nuances"),
        t(
            "Yes. Neck lines, veins and a different grain from panel to panel come from the hide. A crack that"
            " catches your fingernail is not normal: condition the leather, and send us a photograph.",
            "Oui. Les plis du cou, les veines et un grain différent d’un panneau à l’autre viennent de la peau. Une"
            " fissure qui accroche l’ongle n’est pas normale : nourrissez le cuir et envoyez-nous une photo.",
        ),
    ),
    Block(
        "help",
        t("Unusual noise: a handle or hook creaks", "Bruit inhabituel : une poignée ou un mousqueton grince"),
        t(
            "Dry leather on brass creaks. Rub a trace of beeswax on the ring where the leather turns. If a hook"
            " rattles, look whether its gate still closes by itself; if not, stop using the strap.",
            "Le cuir sec grince sur le laiton. Frottez un peu de cire d’abeille sur l’anneau. Si un mousqueton"
            " cliquette, vérifiez qu’il se referme seul ; sinon, n’utilisez plus la bandoulière.",
        ),
    ),
    Block(
        "help",
        t("The zip is stiff", "La fermeture accroche"),
        t(
            "Run a candle or a soft pencil along both rows of teeth and move the slider ten times. Do not force it:"
            " a thread of the lining may be caught. Pull the cloth sideways while you move the slider back.",
            "Passez une bougie ou un crayon tendre sur les deux rangées de dents, puis faites dix allers-retours."
            " Ne forcez pas : un fil de doublure est peut-être pris. Tirez le tissu de côté en reculant le curseur.",
        ),
    ),
    Block(
        "help",
        t("A dark stain from oil or cream", "Une tache sombre d’huile ou de crème"),
        t(
            "Cover it with talc or potato starch for a night and brush it off. Repeat once. Water only spreads oil.",
            "Couvrez-la de talc ou de fécule une nuit, puis brossez. Recommencez une fois. L’eau ne fait qu’étaler"
            " le gras.",
        ),
    ),
    Block(
        "story",
        t("One hide, one bag", "Une peau, un sac"),
        t(
            "All seven panels are cut from the same hide, so they age alike. One person sews the bag from the first"
            " panel to the last; that name is on this page.",
            "Les sept panneaux viennent de la même peau et vieillissent donc ensemble. Une seule personne coud le"
            " sac du premier au dernier panneau ; son nom figure sur cette page.",
        ),
    ),
    Block(
        "service",
        t("What we repair", "Ce que nous réparons"),
        t(
            "Seams, handles, edge paint, zips, lining, brass. Handles and zip are sewn so that they can be changed"
            " without opening the body. Write to atelier@corvane.example with the serial number and two photographs.",
            "Coutures, poignées, tranches, fermetures, doublure, laiton. Poignées et fermeture sont cousues de"
            " façon à être changées sans ouvrir le corps. Écrivez à atelier@corvane.example avec le numéro de série"
            " et deux photos.",
        ),
    ),
    Block(
        "recycle",
        t("When it has come to its end", "Quand il a fait son temps"),
        t(
            "Send it back to the workshop, carriage paid: we use sound leather for small goods and separate brass"
            " and cotton. Otherwise give it to a textile collection; leather does not belong in paper or bio waste.",
            "Renvoyez-le à l’atelier, port payé : le cuir sain devient de la petite maroquinerie, le laiton et le"
            " coton sont triés. Sinon, déposez-le à une collecte textile ; le cuir ne va ni au papier ni au compost.",
        ),
    ),
)
