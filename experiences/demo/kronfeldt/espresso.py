"""Texts of the E3 espresso machine."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Compare the plate before you plug it in", "Comparez la plaque avant de brancher"),
        t(
            "The plate must say `{{ unit.serial }}`, model {{ product.model_number }}. If it says something else,"
            " leave the machine in its box and write to us.",
            "La plaque doit indiquer `{{ unit.serial }}`, modèle {{ product.model_number }}. Sinon, laissez la machine"
            " dans son carton et écrivez-nous.",
        ),
        stages=("unboxing",),
    ),
    Block(
        "setup",
        t("Rinse the tank and fill it", "Rincez et remplissez le réservoir"),
        t(
            "Cold, soft water. Above 10 °dH use the filter, or scale fills the boiler within months.",
            "Eau froide et douce. Au-dessus de 18 °fH, utilisez le filtre, sinon le calcaire remplit la chaudière en"
            " quelques mois.",
        ),
    ),
    Block(
        "setup",
        t("Fill the boiler before it heats", "Remplissez la chaudière avant de chauffer"),
        t(
            "Switch on, open the steam tap and lift the lever until water comes out of the wand. Close the tap."
            " A boiler that heats without water burns its element.",
            "Allumez, ouvrez le robinet vapeur et levez le levier jusqu’à ce que l’eau sorte de la buse. Fermez. Une"
            " chaudière qui chauffe à vide brûle sa résistance.",
        ),
    ),
    Block(
        "setup",
        t("Flush half a litre", "Rincez avec un demi-litre"),
        t(
            "Through the group, without coffee. It takes out what is left from the factory test.",
            "Par le groupe, sans café. Cela évacue les restes de l’essai en usine.",
        ),
    ),
    Block(
        "setup",
        t("Warm it for nine minutes", "Neuf minutes de chauffe"),
        t("With the portafilter locked in.", "Avec le porte-filtre en place."),
    ),
    Block(
        "setup",
        t("Pull the first coffee", "Tirez le premier café"),
        t(
            "18 g, ground like fine sand, tamped level. 36 g should run in 25 to 30 seconds: faster, grind finer;"
            " slower, grind coarser.",
            "18 g, moulus comme du sable fin, tassés à plat. 36 g doivent couler en 25 à 30 secondes : plus vite,"
            " moulez plus fin ; plus lentement, plus gros.",
        ),
    ),
    Block(
        "tip",
        t("Wipe the wand at once", "Essuyez la buse aussitôt"),
        t(
            "Dried milk blocks it. A damp cloth, then a second of steam.",
            "Le lait sec la bouche. Un chiffon humide, puis une seconde de vapeur.",
        ),
    ),
    Block(
        "tip",
        t("Flush before the first shot", "Purgez avant le premier café"),
        t(
            "After a pause of ten minutes the group is too hot. Run water for three seconds.",
            "Après dix minutes de pause, le groupe est trop chaud. Faites couler l’eau trois secondes.",
        ),
    ),
    Block(
        "help",
        t("Unusual noise", "Bruit inhabituel"),
        t(
            "- **Loud rattle, no water**: the pump draws air. Fill the tank, open the steam tap, lift the lever until"
            " it runs quietly.\n- **Knock at the end of a shot**: the relief valve, normal.\n- **Hiss from the group"
            " while it brews**: the seal is worn. Change it.\n- **Buzz with low pressure**: scale in the pump."
            " Descale; if it stays, write to us.",
            "- **Cliquetis fort, pas d’eau** : la pompe aspire de l’air. Remplissez, ouvrez la vapeur, levez le"
            " levier jusqu’au calme.\n- **Un coup en fin de café** : la soupape, normal.\n- **Sifflement au groupe"
            " pendant l’extraction** : joint usé. Changez-le.\n- **Bourdonnement et peu de pression** : calcaire"
            " dans la pompe. Détartrez ; si cela reste, écrivez-nous.",
        ),
    ),
    Block(
        "help",
        t("What does this light mean", "Que signifie ce voyant"),
        t(
            "- Orange, blinking: it heats.\n- Orange, steady: ready.\n- Blue: the tank is nearly empty.\n- Blue,"
            " blinking: descale it now.\n- Red: over-temperature. Switch off, pull the plug, let it cool for an"
            " hour. If it comes back, do not use it.",
            "- Orange clignotant : elle chauffe.\n- Orange fixe : prête.\n- Bleu : réservoir presque vide.\n- Bleu"
            " clignotant : détartrez maintenant.\n- Rouge : surchauffe. Éteignez, débranchez, attendez une heure. Si"
            " cela revient, ne l’utilisez plus.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: water in the drip tray", "Est-ce normal : de l’eau dans le bac"),
        t(
            "After each shot the valve lets 20 to 30 ml go into the tray: yes. If the tray fills while you do not"
            " brew, the valve leaks.",
            "Après chaque café, la soupape rejette 20 à 30 ml dans le bac : oui. S’il se remplit sans extraction, la"
            " soupape fuit.",
        ),
    ),
    Block(
        "help",
        t("Coffee drips beside the portafilter", "Le café goutte autour du porte-filtre"),
        t(
            "Brush the seal and lock the handle further right. Still dripping: change the seal, which wears within a"
            " year.",
            "Brossez le joint et serrez plus à droite. S’il goutte encore, changez le joint, qui s’use en un an.",
        ),
    ),
    Block(
        "help",
        t("Sour or bitter", "Acide ou amer"),
        t(
            "Sour: grind finer, or let it warm longer. Bitter: grind coarser, or clean group and basket of old oil.",
            "Acide : moulez plus fin ou laissez chauffer plus longtemps. Amer : moulez plus gros, ou nettoyez groupe"
            " et filtre des vieilles huiles.",
        ),
    ),
    Block(
        "story",
        t("A lever, so that you feel it", "Un levier, pour sentir"),
        t(
            "The lever opens the water by hand: you decide how slowly the pressure rises.",
            "Le levier ouvre l’eau à la main : vous décidez de la montée en pression.",
        ),
    ),
    Block(
        "service",
        t("Service every three years", "Révision tous les trois ans"),
        t(
            "Seals, valve, boiler opened and cleaned, pressure tested. Empty tank and boiler before you send it, and"
            " use the first box. Write to service@kronfeldt.example with the serial number.",
            "Joints, soupape, chaudière ouverte et nettoyée, pression contrôlée. Videz réservoir et chaudière avant"
            " l’envoi, dans le carton d’origine. Écrivez à service@kronfeldt.example avec le numéro de série.",
        ),
    ),
    Block(
        "recycle",
        t("Brass and steel are worth it", "Le laiton et l’acier en valent la peine"),
        t(
            "Empty the water. Bring it to a collection point for electrical devices, or send it back: we take boilers"
            " and groups apart and use sound ones for repairs.",
            "Videz l’eau. Portez-la à une collecte d’appareils électriques, ou renvoyez-la : nous démontons chaudière"
            " et groupe, et réutilisons les pièces saines.",
        ),
    ),
)
