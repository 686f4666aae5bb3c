"""Texts of the Meridian 38."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Wind it by hand first", "Remontez-la d’abord à la main"),
        t(
            "With the crown pushed in, turn it thirty times towards 12. The second hand starts. You can't overwind"
            " it.",
            "Couronne enfoncée, tournez-la trente fois vers 12. La trotteuse part. On ne peut pas trop la remonter.",
        ),
    ),
    Block(
        "setup",
        t("Set the date, away from midnight", "Réglez la date, loin de minuit"),
        t(
            "Turn the hands to about half past six. Pull the crown to its first stop and turn to yesterday's date."
            " Between 21:00 and 3:00 the wheels that change the date are engaged and can break.",
            "Amenez les aiguilles vers six heures et demie. Tirez la couronne au premier cran et tournez jusqu’à la"
            " date de la veille. Entre 21 h et 3 h, les roues du calendrier sont engagées et peuvent casser.",
        ),
    ),
    Block(
        "setup",
        t("Set the time", "Réglez l’heure"),
        t(
            "Pull the crown to its second stop. Turn forward past midnight until the date changes, then to the time.",
            "Tirez la couronne au second cran. Avancez au-delà de minuit jusqu’au changement de date, puis à"
            " l’heure.",
        ),
    ),
    Block(
        "setup",
        t("Push the crown home", "Enfoncez la couronne"),
        t(
            "Only then is the watch water resistant: to 5 bar, rain and swimming, not diving.",
            "C’est seulement ainsi que la montre est étanche : à 5 bar, pluie et baignade, pas la plongée.",
        ),
    ),
    Block(
        "setup",
        t("Set the strap", "Réglez le bracelet"),
        t(
            "One finger should pass between strap and wrist. The leather gives by half a hole in the first month.",
            "Un doigt doit passer entre bracelet et poignet. Le cuir s’assouplit d’un demi-trou le premier mois.",
        ),
    ),
    Block(
        "tip",
        t("Ten hours a day keep it going", "Dix heures par jour suffisent"),
        t(
            "Fully wound it runs for about 42 hours off the wrist. After a quiet day at a desk, wind it ten turns.",
            "Remontée à fond, elle marche environ 42 heures hors du poignet. Après une journée calme, donnez dix"
            " tours.",
        ),
    ),
    Block(
        "tip",
        t("How exact it is", "Sa précision"),
        t(
            "Up to 12 seconds a day fast or slow is within its rating. Lay it down at night with the crown up to lose"
            " a little, dial up to gain a little.",
            "Jusqu’à 12 secondes d’écart par jour, c’est sa tolérance. La nuit, couronne en haut elle perd un peu,"
            " cadran en haut elle gagne un peu.",
        ),
    ),
    Block(
        "help",
        t("Unusual noise: it whirs or clicks", "Bruit inhabituel : elle vrombit ou cliquette"),
        t(
            "A soft whir when you move is the rotor that winds the watch. A click with a knock at every turn is not:"
            " a screw of the rotor may be loose. Take it off, do not wind it, and send it in.",
            "Un léger vrombissement au mouvement vient du rotor qui la remonte. Un cliquetis avec choc à chaque"
            " tour, non : une vis du rotor est peut-être desserrée. Retirez-la, ne la remontez pas, envoyez-la.",
        ),
    ),
    Block(
        "help",
        t("It suddenly runs minutes fast", "Elle avance soudain de plusieurs minutes"),
        t(
            "It is probably magnetised. Hold a compass beside it: if the needle moves, a watchmaker demagnetises it"
            " in a minute. Nothing is broken.",
            "Elle est sans doute magnétisée. Approchez une boussole : si l’aiguille bouge, un horloger la"
            " démagnétise en une minute. Rien n’est cassé.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: mist under the crystal", "Est-ce normal : de la buée sous le verre"),
        t(
            "No. Mist that does not go within minutes means that water is inside. Pull the crown out to stop it, keep"
            " it dry, and bring it in within two days: steel parts rust quickly.",
            "Non. Une buée qui ne part pas en quelques minutes signale de l’eau à l’intérieur. Tirez la couronne"
            " pour l’arrêter, gardez-la au sec et apportez-la sous deux jours : l’acier rouille vite.",
        ),
    ),
    Block(
        "help",
        t("It stops overnight", "Elle s’arrête la nuit"),
        t(
            "Wind it thirty turns and wear it a full day. If it still stops within 30 hours off the wrist, it needs"
            " a service.",
            "Donnez trente tours et portez-la une journée. Si elle s’arrête encore en moins de 30 heures hors du"
            " poignet, il faut une révision.",
        ),
    ),
    Block(
        "story",
        t("Thirty-eight millimetres", "Trente-huit millimètres"),
        t(
            "The case is turned from one bar of steel; the lugs are not soldered on. The dial is lacquered six times"
            " and sanded five.",
            "La boîte est tournée dans une seule barre d’acier ; les cornes ne sont pas soudées. Le cadran est laqué"
            " six fois et poncé cinq.",
        ),
    ),
    Block(
        "service",
        t("Full service every five to seven years", "Révision complète tous les cinq à sept ans"),
        t(
            "The movement is taken apart, cleaned and oiled, seals are changed, and it runs for ten days on test."
            " Allow six weeks. Have the seals tested every two years if you swim with it.",
            "Le mouvement est démonté, nettoyé et huilé, les joints changés, puis dix jours d’essai. Comptez six"
            " semaines. Faites contrôler les joints tous les deux ans si vous nagez avec.",
        ),
    ),
    Block(
        "recycle",
        t("A watch is rarely at its end", "Une montre est rarement finie"),
        t(
            "Nearly every part can be made again. If you part with it all the same, the workshop takes it back for"
            " parts. It holds no battery.",
            "Presque chaque pièce peut être refaite. Si vous vous en séparez quand même, l’atelier la reprend pour"
            " pièces. Elle ne contient pas de pile.",
        ),
    ),
)
