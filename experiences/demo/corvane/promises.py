"""What Maison Corvane stands for, and the words of its consents."""

from experiences.demo.spec import PlanSpec, WordingSpec, t

_EXCLUDED = t(
    "- Marks of use: scratches, patina, softened corners\n"
    "- Water, ink, make-up and heat\n"
    "- Repairs by somebody other than our workshop",
    "- Les traces d’usage : rayures, patine, coins assouplis\n"
    "- L’eau, l’encre, le maquillage et la chaleur\n"
    "- Les réparations faites ailleurs que dans notre atelier",
)
_WATCH_COVERED = t(
    "- The movement: running, winding and setting\n- The crown, the hands and the dial\n"
    "- Water resistance, as marked on the case back",
    "- Le mouvement : marche, remontage et mise à l’heure\n- La couronne, les aiguilles et le cadran\n"
    "- L’étanchéité indiquée sur le fond du boîtier",
)
_WATCH_EXCLUDED = t(
    "- The strap, and the crystal once it is scratched or broken\n- Shocks and magnetism\n"
    "- Watches opened by somebody other than our workshop",
    "- Le bracelet, et le verre rayé ou brisé\n- Les chocs et le magnétisme\n"
    "- Les montres ouvertes ailleurs que dans notre atelier",
)

PLANS = (
    PlanSpec(
        t("Two-year workshop warranty", "Garantie de l’atelier, deux ans"),
        24,
        t(
            "- Seams and edges that open\n- Clasps, rings, zips and buckles\n- Lining that comes loose",
            "- Les coutures et les tranches qui s’ouvrent\n- Les fermoirs, anneaux, glissières et boucles\n"
            "- La doublure qui se décolle",
        ),
        _EXCLUDED,
    ),
    PlanSpec(
        t("Two-year watch warranty", "Garantie des montres, deux ans"),
        24,
        _WATCH_COVERED,
        _WATCH_EXCLUDED,
        category="watches",
    ),
    *(
        PlanSpec(
            t("Three-year watch warranty", "Garantie des montres, trois ans"),
            36,
            _WATCH_COVERED,
            _WATCH_EXCLUDED,
            category="watches",
            market=market,
        )
        for market in ("FR", "BE")
    ),
)

WORDINGS = (
    WordingSpec(
        2500,
        t(
            "Maison Corvane may write to me about new pieces and repairs.",
            "Maison Corvane peut m’écrire au sujet de ses nouveautés et de ses réparations.",
        ),
    ),
    WordingSpec(
        400,
        t(
            "Maison Corvane may write to me about new pieces, events in its shops and repairs, at most once a"
            " month. I can stop this at any time.",
            "Maison Corvane peut m’écrire au sujet de ses nouveautés, de ses rendez-vous en boutique et de ses"
            " réparations, une fois par mois au plus. Je peux y mettre fin à tout moment.",
        ),
    ),
)
