"""Kronfeldt: kitchen machines and power tools. A fictional house."""

from experiences.demo.kronfeldt.materials import MATERIALS
from experiences.demo.kronfeldt.products import PRODUCTS
from experiences.demo.kronfeldt.promises import PLANS, WORDINGS
from experiences.demo.spec import Block, BrandSpec, CategorySpec, ProfileSpec, t

KRONFELDT = BrandSpec(
    slug="kronfeldt",
    fields={
        "name": "Kronfeldt",
        "legal_name": "Kronfeldt Werke GmbH (fictional)",
        "locales": ["en", "fr"],
        "time_zone": "Europe/Berlin",
        "country": "DE",
        "paper": "#16181a",
        "accent": "#ff6a13",
        "typeface": "grotesk",
        "corner": "square",
        "density": "tight",
        "care_email": "service@kronfeldt.example",
        "care_phone": "+49 30 23125 130",
        "care_hours": t(
            "Monday to Saturday, 8:00 to 18:00, Berlin time", "Du lundi au samedi, de 8 h à 18 h"
        ),
        "website": "https://www.kronfeldt.example",
        "privacy": t(
            "Opening this page records the time, the country and a random number in your browser. We keep name"
            " and address of registered owners for warranty, repairs and safety notices; news comes only"
            " if you say so. Write to privacy@kronfeldt.example to see, correct or delete them.",
            "L’ouverture de cette page enregistre l’heure, le pays et un nombre aléatoire dans votre navigateur."
            " Nous gardons le nom et l’adresse des propriétaires enregistrés pour la garantie, les réparations"
            " et les avis de sécurité ; les nouvelles ne viennent que si vous le voulez. Écrivez à"
            " privacy@kronfeldt.example pour les consulter, les corriger ou les effacer.",
        ),
    },
    markets={
        "DE": "Europe/Berlin",
        "FR": "Europe/Paris",
        "GB": "Europe/London",
        "BE": "Europe/Brussels",
        "US": "America/Chicago",
    },
    market_weights=(40, 22, 15, 13, 10),
    categories=(
        CategorySpec("kitchen", t("Kitchen machines", "Appareils de cuisine"), {"maturity_months": 48}),
        CategorySpec("power-tools", t("Power tools", "Outillage électroportatif"), {"maturity_months": 36}),
    ),
    materials=MATERIALS,
    profiles=(
        ProfileSpec("kronfeldt-werk", "enc"),
        ProfileSpec(
            "kronfeldt-tools", "enc", params={"bulk": "e"}, own_keys=True, tamper_loop="guard", tamper_at=0
        ),
    ),
    products=PRODUCTS,
    plans=PLANS,
    wordings=WORDINGS,
    blocks=(
        Block(
            "service",
            t("Repair", "Réparation"),
            t(
                "Write to service@kronfeldt.example with the serial number and what the machine does or no longer"
                " does. You get a price before anybody opens it. Parts stay available for ten years after a model"
                " ends.",
                "Écrivez à service@kronfeldt.example avec le numéro de série et ce que la machine fait ou ne fait"
                " plus. Vous recevez un prix avant toute ouverture. Les pièces restent disponibles dix ans après"
                " la fin d’un modèle.",
            ),
        ),
    ),
    organisations=(
        "Backstube Morgenrot (fictional)",
        "Café Tilleul (fictional)",
        "Schreinerei Halbmond (fictional)",
        "Cantine des Deux Ponts (fictional)",
        "Northlight Joinery (fictional)",
    ),
    showcase={"maturity": "k7-mixer", "recalled": "e3-espresso"},
)
