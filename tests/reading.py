"""Reading pages as the outside does: by the attributes that the contract names."""

import html
import re

from django.core import mail


def main_attributes(response) -> dict[str, str]:
    """Return the `data-` attributes of <main>, without their prefix."""
    match = re.search(r"<main([^>]*)>", response.content.decode())
    assert match, "the page has no <main>"
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', match.group(1)))


def module_names(response) -> list[str]:
    """Return the modules of a unit's page in their order."""
    return re.findall(r'<section[^>]*\bdata-module="([^"]+)"', response.content.decode())


def text_of(response) -> str:
    """Return what a reader reads: no tags, entities decoded, white space as single spaces."""
    page = re.sub(r"<(style|script)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def action_of(response) -> str:
    """Return the first action that the page offers (`data-action`)."""
    return re.search(r'data-action="([^"]*)"', response.content.decode()).group(1)


def form_of(response) -> dict[str, str]:
    """Return the hidden fields of the registration form, as a browser would send them."""
    form = re.search(r'<form id="registering".*?</form>', response.content.decode(), flags=re.DOTALL).group()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', form)
    return {name: value for name, value in hidden if name != "csrfmiddlewaretoken"}


def filled_form(response) -> dict[str, str]:
    """Return the registration form as Alice fills it in: her address and her name."""
    return form_of(response) | {"contact": "alice@example.com", "name": "Alice"}


def code_in_mail(number: int = -1) -> str:
    """Return the one-time code of the last mail or text message that holds one."""
    found = (re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", sent.body) for sent in mail.outbox)
    return [match.group() for match in found if match][number]
