"""What Kronfeldt's machines are made of, and how that keeps."""

from experiences.demo.spec import MaterialSpec, t

MATERIALS = (
    MaterialSpec(
        "zinc-alloy",
        t("Die-cast zinc and aluminium", "Zinc et aluminium moulés"),
        cleaning=t(
            "Pull the plug. Wipe with a damp cloth and a drop of washing-up liquid, then dry.",
            "Débranchez. Essuyez avec un chiffon humide et une goutte de liquide vaisselle, puis séchez.",
        ),
        avoid=t("Abrasive sponges dull the paint.", "Les éponges abrasives ternissent la peinture."),
    ),
    MaterialSpec(
        "stainless-steel",
        t("Stainless steel 18/10", "Acier inoxydable 18/10"),
        cleaning=t(
            "Dishwasher, or by hand with hot water.", "Au lave-vaisselle, ou à la main à l’eau chaude."
        ),
        avoid=t(
            "Salt left standing in water pits the steel.",
            "Le sel qui stagne dans l’eau pique l’acier.",
        ),
    ),
    MaterialSpec(
        "planetary-gear",
        t("Steel planetary gear, food-grade grease", "Engrenage planétaire en acier, graisse alimentaire"),
        treatment=t(
            "Check the gear for play and leaking grease", "Contrôler le jeu et la graisse de l’engrenage"
        ),
        every_months=24,
    ),
    MaterialSpec(
        "water-circuit",
        t("Brass boiler and silicone water lines", "Chaudière en laiton et conduites en silicone"),
        cleaning=t(
            "Rinse the group with a blind basket and clean water after each day of use.",
            "Rincez le groupe avec un filtre borgne et de l’eau claire après chaque journée d’usage.",
        ),
        avoid=t(
            "Vinegar attacks seals. Use a descaler made for espresso machines.",
            "Le vinaigre attaque les joints. Utilisez un détartrant pour machines à expresso.",
        ),
        treatment=t("Descale the machine", "Détartrer la machine"),
        every_months=3,
    ),
    MaterialSpec(
        "group-seal",
        t("Group seal, EPDM", "Joint de groupe, EPDM"),
        cleaning=t("Brush coffee off the seal every evening.", "Brossez le café du joint chaque soir."),
        treatment=t("Change the group seal", "Changer le joint de groupe"),
        every_months=12,
    ),
    MaterialSpec(
        "pa-housing",
        t("Glass-fibre polyamide housing", "Coque en polyamide chargé de verre"),
        cleaning=t(
            "Take the battery out. Brush dust from the air slots and wipe with a dry cloth.",
            "Retirez la batterie. Brossez la poussière des ouïes et essuyez avec un chiffon sec.",
        ),
        avoid=t("Solvents crack the housing.", "Les solvants fissurent la coque."),
    ),
    MaterialSpec(
        "keyless-chuck",
        t("Keyless steel chuck", "Mandrin autoserrant en acier"),
        cleaning=t(
            "Open the jaws fully, brush the dust out and put one drop of oil on each jaw.",
            "Ouvrez entièrement les mors, brossez la poussière et mettez une goutte d’huile sur chaque mors.",
        ),
        treatment=t("Clean and oil the chuck", "Nettoyer et huiler le mandrin"),
        every_months=6,
    ),
    MaterialSpec(
        "battery-18v",
        t("18 V lithium-ion battery", "Batterie lithium-ion 18 V"),
        avoid=t(
            "Store it half charged, dry, between 5 and 30 °C. Do not charge it below 5 °C.",
            "Rangez-la à demi chargée, au sec, entre 5 et 30 °C. Ne la chargez pas sous 5 °C.",
        ),
        treatment=t("Charge the stored battery to half", "Recharger à moitié la batterie rangée"),
        every_months=6,
    ),
)
