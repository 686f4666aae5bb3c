"""Texts of the K7 stand mixer."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Give it a firm place", "Posez-le sur un plan stable"),
        t(
            "Dry, level, 10 cm away from the edge: heavy dough makes it walk.",
            "Sec, plat, à 10 cm du bord : une pâte lourde le fait avancer.",
        ),
    ),
    Block(
        "setup",
        t("Wash bowl and tools", "Lavez le bol et les accessoires"),
        t(
            "Bowl, hook, whisk and beater go into the dishwasher. Wipe the arm with a damp cloth.",
            "Bol, crochet, fouet et batteur vont au lave-vaisselle. Essuyez le bras avec un chiffon humide.",
        ),
    ),
    Block(
        "setup",
        t("Lock the bowl", "Verrouillez le bol"),
        t("Turn it right until it stops.", "Tournez-le à droite jusqu’à la butée."),
    ),
    Block(
        "setup",
        t("Set the height of the beater", "Réglez la hauteur du batteur"),
        t(
            "Unplugged, lower the arm. The beater should pass 2 mm above the bowl: a strip of cardboard moves, it"
            " does not jam. Turn the screw in the hinge by a quarter at a time.",
            "Débranché, abaissez le bras. Le batteur doit passer à 2 mm du bol : une bande de carton bouge sans"
            " coincer. Tournez la vis de la charnière d’un quart de tour à la fois.",
        ),
    ),
    Block(
        "setup",
        t("First run, empty", "Premier essai, à vide"),
        t(
            "Two minutes at speed 3. A light smell of new motor is normal and goes after a few uses.",
            "Deux minutes en vitesse 3. Une légère odeur de moteur neuf est normale et passe après quelques usages.",
        ),
    ),
    Block(
        "tip",
        t("Dough: speed 2, ten minutes at most", "Pâte : vitesse 2, dix minutes au plus"),
        t(
            "Up to 1.2 kg of flour. Then let the motor rest for as long as it worked.",
            "Jusqu’à 1,2 kg de farine. Laissez ensuite le moteur reposer aussi longtemps.",
        ),
    ),
    Block(
        "tip",
        t("Egg whites: dry bowl, speed 7", "Blancs d’œufs : bol sec, vitesse 7"),
        t("One trace of fat and they do not rise.", "Une trace de gras et ils ne montent pas."),
    ),
    Block(
        "help",
        t("Unusual noise", "Bruit inhabituel"),
        t(
            "- **Tapping, once a turn**: the tool touches the bowl. Set its height.\n- **Grinding or clicking under"
            " load**: stop and pull the plug. A worn gear sounds like this; going on makes it dearer.\n- **High"
            " whistle**: the air slots at the back are blocked. Brush them out.\n- **Deep hum, nothing turns**: the"
            " dough is too stiff. Switch off at once and take half of it out.",
            "- **Tapotement à chaque tour** : l’accessoire touche le bol. Réglez sa hauteur.\n- **Grincement ou"
            " claquement en charge** : arrêtez et débranchez. Un engrenage usé fait ce bruit ; continuer coûte plus"
            " cher.\n- **Sifflement aigu** : les ouïes arrière sont bouchées. Brossez-les.\n- **Bourdonnement grave,"
            " rien ne tourne** : la pâte est trop ferme. Coupez aussitôt et retirez-en la moitié.",
        ),
    ),
    Block(
        "help",
        t("What does this light mean", "Que signifie ce voyant"),
        t(
            "- Orange, steady: ready.\n- Orange, blinking: the arm is not locked.\n- Red, blinking: too warm. Pull"
            " the plug for 30 minutes.\n- Red, steady: fault of the speed control. Write to us.",
            "- Orange fixe : prêt.\n- Orange clignotant : le bras n’est pas verrouillé.\n- Rouge clignotant : trop"
            " chaud. Débranchez 30 minutes.\n- Rouge fixe : défaut de la commande. Écrivez-nous.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: the top gets warm", "Est-ce normal : le dessus chauffe"),
        t(
            "Hand-warm after ten minutes of dough, yes. If you can't keep your hand on it, let it cool for half an"
            " hour and use less flour.",
            "Tiède après dix minutes de pâte, oui. Si la main ne tient pas dessus, laissez refroidir une demi-heure"
            " et mettez moins de farine.",
        ),
    ),
    Block(
        "help",
        t("Oil drips from the tool holder", "De l’huile goutte du porte-accessoire"),
        t(
            "After a long rest the oil parts from the grease of the gear. It is food-grade: wipe it off and run the"
            " machine for two minutes. If it comes back weekly, the gear needs new grease.",
            "Après un long repos, l’huile se sépare de la graisse. Elle est alimentaire : essuyez et faites tourner"
            " deux minutes. Si cela revient chaque semaine, il faut regraisser l’engrenage.",
        ),
    ),
    Block(
        "story",
        t("Steel on steel", "Acier sur acier"),
        t(
            "The gear is steel, cut and hardened in our own works. One wheel is made softer on purpose: it breaks"
            " first, and can be changed.",
            "L’engrenage est en acier, taillé et trempé chez nous. Une roue est volontairement plus tendre : elle"
            " casse la première, et se change.",
        ),
    ),
    Block(
        "service",
        t("Gear service", "Révision de l’engrenage"),
        t(
            "Every five years with weekly dough: new grease, sacrificial wheel, carbon brushes. Write to"
            " service@kronfeldt.example with the serial number. You get a price before anybody opens it.",
            "Tous les cinq ans pour une pâte par semaine : graisse neuve, roue fusible, charbons. Écrivez à"
            " service@kronfeldt.example avec le numéro de série. Vous recevez un prix avant toute ouverture.",
        ),
    ),
    Block(
        "recycle",
        t("Nine parts in ten are metal", "Neuf dixièmes de métal"),
        t(
            "Bring it to a collection point for electrical devices, or send it to us: bowls and tools of the K7 fit"
            " every K7, so others can go on using them.",
            "Portez-le à une collecte d’appareils électriques, ou envoyez-le-nous : bols et accessoires vont sur tous"
            " les K7 et peuvent resservir.",
        ),
    ),
)
