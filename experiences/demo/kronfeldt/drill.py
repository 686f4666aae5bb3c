"""Texts of the D18 drill driver."""

from experiences.demo.spec import Block, t

BLOCKS = (
    Block(
        "setup",
        t("Charge the battery fully", "Chargez la batterie à fond"),
        t("45 minutes, until the light is green and steady.", "45 minutes, jusqu’au vert fixe."),
    ),
    Block(
        "setup",
        t("Slide it in until it clicks", "Glissez-la jusqu’au clic"),
        t("Pull once to test.", "Tirez une fois pour vérifier."),
    ),
    Block(
        "setup",
        t("Put in a bit", "Montez un embout"),
        t(
            "Direction switch in the middle, so that it can't start. Open the chuck to the left, put the bit in"
            " straight, tighten by hand until it clicks three times.",
            "Inverseur au milieu, pour qu’elle ne parte pas. Ouvrez le mandrin à gauche, embout bien droit, serrez à"
            " la main jusqu’à trois clics.",
        ),
    ),
    Block(
        "setup",
        t("Choose gear and torque", "Choisissez vitesse et couple"),
        t(
            "Gear 1 and a low number for screws, gear 2 and the drill sign for holes. Change gear only at standstill.",
            "Vitesse 1 et petit chiffre pour visser, vitesse 2 et le symbole foret pour percer. Changez à l’arrêt.",
        ),
    ),
    Block(
        "setup",
        t("Glasses on", "Mettez des lunettes"),
        t(
            "Hold the work in a clamp, not in your hand. Look for cables and pipes before you drill into a wall.",
            "Serrez la pièce, ne la tenez pas. Cherchez câbles et tuyaux avant de percer un mur.",
        ),
    ),
    Block(
        "tip",
        t("Start at 3 and go up", "Commencez à 3 et montez"),
        t(
            "The clutch lets go with a rattle when the screw sits. If it lets go too early, one number more.",
            "Le limiteur lâche avec un crépitement quand la vis est en place. Trop tôt ? Un cran de plus.",
        ),
    ),
    Block(
        "tip",
        t("Let the bit do it", "Laissez faire le foret"),
        t(
            "If the speed drops, press less. Pull the bit out now and then to clear the chips.",
            "Si le régime baisse, appuyez moins. Sortez le foret de temps en temps pour évacuer les copeaux.",
        ),
    ),
    Block(
        "help",
        t("Unusual noise", "Bruit inhabituel"),
        t(
            "- **Rattle when the screw sits**: the clutch, as it should.\n- **Rattle while drilling**: the collar is"
            " not on the drill sign.\n- **Grinding in one gear only**: it sits between two gears. Stop, move the"
            " switch fully.\n- **Screech and sparks at the slots**: stop, take the battery out. The motor is worn.",
            "- **Crépitement quand la vis est en place** : le limiteur, normal.\n- **Crépitement en perçant** : la"
            " bague n’est pas sur le foret.\n- **Grincement sur une seule vitesse** : elle est entre deux rapports."
            " Arrêtez, poussez à fond.\n- **Crissement et étincelles aux ouïes** : arrêtez, retirez la batterie. Le"
            " moteur est usé.",
        ),
    ),
    Block(
        "help",
        t("What does this light mean", "Que signifie ce voyant"),
        t(
            "On the battery: three lights are full, one is a quarter, one blinking is empty. On the charger: green"
            " blinking, it charges; green, full; red blinking, too cold or hot, wait; red, the battery is faulty: do"
            " not use it.",
            "Sur la batterie : trois voyants, pleine ; un, un quart ; un clignotant, vide. Sur le chargeur : vert"
            " clignotant, charge ; vert, pleine ; rouge clignotant, trop froide ou chaude, attendez ; rouge, batterie"
            " défectueuse : ne l’utilisez plus.",
        ),
    ),
    Block(
        "help",
        t("Is this normal: it stops under load", "Est-ce normal : elle s’arrête en charge"),
        t(
            "Yes, the electronics protect battery and motor. Release, wait ten seconds, go on in gear 1. If it stops"
            " without load, charge the battery; if it still does, try another.",
            "Oui, l’électronique protège batterie et moteur. Relâchez, attendez dix secondes, continuez en vitesse 1."
            " Si elle s’arrête à vide, chargez ; sinon essayez une autre batterie.",
        ),
    ),
    Block(
        "help",
        t("The bit wobbles or slips", "Le foret tourne faux ou glisse"),
        t(
            "Open the chuck fully, blow it out, put the bit in between all three jaws and tighten again. A bent bit"
            " wobbles when rolled on a table. If a straight one wobbles too, the chuck is worn.",
            "Ouvrez le mandrin, soufflez, placez le foret entre les trois mors et resserrez. Un foret tordu se voit en"
            " le roulant sur une table. Si un foret droit tourne faux aussi, le mandrin est usé.",
        ),
    ),
    Block(
        "help",
        t("The battery was dropped or got wet", "La batterie est tombée ou a pris l’eau"),
        t(
            "Do not charge it. Lay it outside on stone for an hour, away from what burns. Swollen, warm or smelling:"
            " bring it to a collection point, poles taped.",
            "Ne la chargez pas. Posez-la dehors sur de la pierre pendant une heure, loin de ce qui brûle. Gonflée,"
            " chaude ou odorante : portez-la en collecte, pôles couverts de ruban.",
        ),
    ),
    Block(
        "story",
        t("The same battery since the first D18", "La même batterie depuis la première D18"),
        t(
            "Every 18 V battery that we made fits every D18. That will stay so.",
            "Toute batterie 18 V sortie de chez nous va sur toute D18. Cela restera ainsi.",
        ),
    ),
    Block(
        "service",
        t("Brushless, but not without wear", "Sans charbons, mais pas sans usure"),
        t(
            "Chuck, gear and switch wear and can be changed singly. Send the drill without its battery: batteries are"
            " dangerous goods. Write to service@kronfeldt.example with the serial number.",
            "Mandrin, réducteur et gâchette s’usent et se changent un par un. Envoyez la perceuse sans batterie :"
            " c’est une marchandise dangereuse. Écrivez à service@kronfeldt.example avec le numéro de série.",
        ),
    ),
    Block(
        "recycle",
        t("Battery and drill, apart", "Batterie et perceuse, séparées"),
        t(
            "Take the battery out, tape its poles, and bring both to a collection point: the battery to batteries,"
            " the drill to electrical devices. Neither may go into household waste.",
            "Retirez la batterie, couvrez ses pôles de ruban, et portez les deux en collecte : la batterie aux"
            " batteries, la perceuse aux appareils électriques. Jamais à la poubelle.",
        ),
    ),
)
