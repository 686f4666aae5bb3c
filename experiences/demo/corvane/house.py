"""Maison Corvane: leather goods and watches. A fictional house."""

from experiences.demo.corvane.materials import MATERIALS
from experiences.demo.corvane.products import PRODUCTS
from experiences.demo.corvane.promises import PLANS, WORDINGS
from experiences.demo.spec import Block, BrandSpec, CategorySpec, ProfileSpec, t

CORVANE = BrandSpec(
    slug="corvane",
    fields={
        "name": "Maison Corvane",
        "legal_name": "Maison Corvane SAS (fictional)",
        "locales": ["en", "fr"],
        "time_zone": "Europe/Paris",
        "country": "FR",
        "paper": "#f7f1e6",
        "accent": "#7a4a21",
        "typeface": "serif",
        "corner": "square",
        "density": "calm",
        "care_email": "atelier@corvane.example",
        "care_phone": "+33 1 99 00 01 10",
        "care_hours": t(
            "Monday to Friday, 9:30 to 18:00, Paris time", "Du lundi au vendredi, de 9 h 30 à 18 h"
        ),
        "website": "https://www.corvane.example",
        "privacy": t(
            "Opening this page records the time, the country and a random number in your browser, so that we can"
            " tell a reload from a copied link. Your name and address are kept only if you register, to serve"
            " your warranty and repairs; news comes only if you say so. Write to privacy@corvane.example to see,"
            " correct or delete them.",
            "L’ouverture de cette page enregistre l’heure, le pays et un nombre aléatoire dans votre navigateur,"
            " pour distinguer un rechargement d’un lien copié. Votre nom et votre adresse ne sont conservés que"
            " si vous enregistrez l’objet, pour la garantie et les réparations ; les nouvelles ne viennent que si"
            " vous le voulez. Écrivez à"
            " privacy@corvane.example pour les consulter, les corriger ou les effacer.",
        ),
    },
    markets={
        "FR": "Europe/Paris",
        "BE": "Europe/Brussels",
        "GB": "Europe/London",
        "US": "America/New_York",
        "DE": "Europe/Berlin",
        "IT": "Europe/Rome",
    },
    market_weights=(40, 10, 15, 20, 8, 7),
    categories=(
        CategorySpec("leather-goods", t("Leather goods", "Maroquinerie"), {"maturity_months": 48}),
        CategorySpec("watches", t("Watches", "Montres"), {"maturity_months": 60}),
    ),
    materials=MATERIALS,
    profiles=(
        ProfileSpec("corvane-atelier", "cmac"),
        ProfileSpec("corvane-montres", "cmac", mode="lrp", own_keys=True),
    ),
    products=PRODUCTS,
    plans=PLANS,
    wordings=WORDINGS,
    blocks=(
        Block(
            "service",
            t("The workshop", "L’atelier"),
            t(
                "Write to atelier@corvane.example with the serial number and two photographs: the whole object and"
                " the damage. You receive a price and a date before you send anything.",
                "Écrivez à atelier@corvane.example avec le numéro de série et deux photos : l’objet entier et le"
                " défaut. Vous recevez un prix et une date avant d’envoyer quoi que ce soit.",
            ),
        ),
    ),
    showcase={"maturity": "alder-weekender", "recalled": "meridian-38"},
)
