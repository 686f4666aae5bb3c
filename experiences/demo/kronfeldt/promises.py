"""What Kronfeldt stands for, and the words of its consents."""

from experiences.demo.spec import PlanSpec, WordingSpec, t

_EXCLUDED = t(
    "- Parts that wear: seals, filters, brushes, blades and bits\n- Lime, where the machine asked to be descaled\n"
    "- Falls, overload, and machines opened by somebody else",
    "- Les pièces d’usure : joints, filtres, charbons, lames et embouts\n"
    "- Le tartre, quand la machine demandait un détartrage\n"
    "- Les chutes, la surcharge et les machines ouvertes par d’autres",
)
_DRIVE_COVERED = t(
    "- The motor, the gears and the electronics\n- The switch, the chuck and the housing\n"
    "- One battery, while it holds less than 60 % of its charge",
    "- Le moteur, les engrenages et l’électronique\n- L’interrupteur, le mandrin et le carter\n"
    "- Une batterie, si elle tient moins de 60 % de sa charge",
)

PLANS = (
    PlanSpec(
        t("Two-year warranty", "Garantie de deux ans"),
        24,
        t(
            "- The motor, the pump and the electronics\n- The housing and everything that moves in it\n"
            "- The way to us and back",
            "- Le moteur, la pompe et l’électronique\n- Le carter et tout ce qui y bouge\n"
            "- L’aller et le retour jusqu’à nous",
        ),
        _EXCLUDED,
        starts_from="sale",
    ),
    PlanSpec(
        t("Five-year drive warranty", "Garantie des entraînements, cinq ans"),
        60,
        _DRIVE_COVERED,
        _EXCLUDED,
        category="power-tools",
        market="DE",
        starts_from="sale",
    ),
)

WORDINGS = (
    WordingSpec(
        2500,
        t(
            "Kronfeldt may write to me about new machines and accessories.",
            "Kronfeldt peut m’écrire au sujet de nouvelles machines et d’accessoires.",
        ),
    ),
    WordingSpec(
        500,
        t(
            "Kronfeldt may write to me about new machines, accessories and service offers. I can stop this at"
            " any time.",
            "Kronfeldt peut m’écrire au sujet de nouvelles machines, d’accessoires et d’offres d’entretien. Je"
            " peux y mettre fin à tout moment.",
        ),
    ),
)
