"""The compiled texts are those of the sources: a fresh clone needs no gettext."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

LOCALE = Path(settings.BASE_DIR) / "locale"
APPS = ("config", "products", "ownership", "experiences", "warranty", "parts", "analytics")
TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def read_po(path: Path) -> dict[str, list[str]]:
    """Return the translations of each msgid (with its context, joined as in the compiled file); skips fuzzy ones."""
    found: dict[str, list[str]] = {}
    for entry in path.read_text().split("\n\n"):
        parts: dict[str, str] = {}
        keyword = ""
        for line in entry.splitlines():
            if line.startswith("#"):
                continue
            if not line.startswith('"'):
                keyword, _, line = line.partition(" ")
            parts[keyword] = parts.get(keyword, "") + ast.literal_eval(line)
        texts = [text for name, text in parts.items() if name.startswith("msgstr")]
        if parts.get("msgid") and all(texts) and "#, fuzzy" not in entry:
            context = parts.get("msgctxt")
            found[f"{context}\x04{parts['msgid']}" if context else parts["msgid"]] = texts
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_compiled_texts_are_up_to_date(language):
    folder = LOCALE / language / "LC_MESSAGES"
    source = read_po(folder / "django.po")
    with (folder / "django.mo").open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog

    compiled: dict[str, list[str]] = {}
    for key, text in catalog.items():
        if key:
            compiled.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)

    assert len(source) > 50
    assert compiled == source


def test_every_text_is_marked_by_a_name_that_is_collected():
    """`makemessages` knows gettext and its kin by their own names and by `_`; under another name a text is left out."""
    others = re.compile(r"\b(?:n|p|np)?gettext(?:_lazy)? as (?!_\b)\w+")
    found = [
        f"{path.relative_to(settings.BASE_DIR)}: {match.group()}"
        for app in APPS
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        for match in others.finditer(path.read_text())
    ]
    assert not found
