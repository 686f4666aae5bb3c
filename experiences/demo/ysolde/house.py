"""Laboratoire Ysolde: skincare. A fictional house."""

from experiences.demo.spec import Block, BrandSpec, CategorySpec, ProfileSpec, t
from experiences.demo.ysolde.materials import MATERIALS
from experiences.demo.ysolde.products import PRODUCTS
from experiences.demo.ysolde.promises import PLANS, WORDINGS

YSOLDE = BrandSpec(
    slug="ysolde",
    fields={
        "name": "Laboratoire Ysolde",
        "legal_name": "Laboratoire Ysolde SRL (fictional)",
        "locales": ["en", "fr"],
        "time_zone": "Europe/Brussels",
        "country": "BE",
        "paper": "#f4f8f3",
        "accent": "#3f6f5a",
        "typeface": "humanist",
        "corner": "round",
        "density": "airy",
        "care_email": "conseil@ysolde.example",
        "care_phone": "+32 2 999 01 20",
        "care_hours": t(
            "Monday to Friday, 9:00 to 17:00, Brussels time", "Du lundi au vendredi, de 9 h à 17 h"
        ),
        "website": "https://www.ysolde.example",
        "privacy": t(
            "Opening this page records the time, the country and a random number in your browser. If you register,"
            " your name and address serve the warranty and safety notices; news only if you say so. What you tell"
            " us about your skin stays with the adviser who answers you. Write to privacy@ysolde.example to see,"
            " correct or delete what we keep.",
            "L’ouverture de cette page enregistre l’heure, le pays et un nombre aléatoire dans votre navigateur."
            " Si vous enregistrez l’objet, votre nom et votre adresse servent à la garantie et aux avis de"
            " sécurité ; aux nouvelles seulement si vous le voulez. Ce que vous nous dites de votre peau reste"
            " chez la personne qui vous répond. Écrivez à privacy@ysolde.example pour consulter, corriger ou"
            " effacer ce que nous gardons.",
        ),
    },
    markets={
        "BE": "Europe/Brussels",
        "FR": "Europe/Paris",
        "DE": "Europe/Berlin",
        "GB": "Europe/London",
        "US": "America/New_York",
    },
    market_weights=(30, 35, 15, 12, 8),
    categories=(
        CategorySpec(
            "skincare",
            t("Skincare", "Soins de la peau"),
            {"maturity_months": 12, "onboarding_days": 28},
        ),
        CategorySpec("devices", t("Devices", "Appareils"), {"maturity_months": 36}),
    ),
    materials=MATERIALS,
    profiles=(
        ProfileSpec("ysolde-flacon", "picc_data", encrypted=False, params={"tt": "tt"}, tamper_loop="seal"),
        ProfileSpec("ysolde-halo", "picc_data", params={"picc_data": "e", "cmac": "m"}),
    ),
    products=PRODUCTS,
    plans=PLANS,
    wordings=WORDINGS,
    blocks=(
        Block(
            "service",
            t("Ask an adviser", "Demander conseil"),
            t(
                "Write to conseil@ysolde.example with the batch number and what you noticed. If your skin burns,"
                " swells or blisters, stop using the product, rinse with water and see a doctor or pharmacist.",
                "Écrivez à conseil@ysolde.example avec le numéro de lot et ce que vous avez remarqué. Si la peau"
                " brûle, gonfle ou cloque, arrêtez, rincez à l’eau et consultez un médecin ou un pharmacien.",
            ),
        ),
    ),
    showcase={
        "maturity": "halo-brush",
        "retired": "halo-brush",
        "resale": "halo-brush",
        "recalled": "barrier-serum",
    },
)
