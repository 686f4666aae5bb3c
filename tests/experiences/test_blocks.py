"""Texts of brands, through HTTP: for whom, when, from which level, and what a value can't do."""

import datetime as dt
import html as entities
import logging

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from experiences.block_check import check_block_source
from experiences.block_form import ContentBlockForm
from experiences.block_preview import preview_block
from experiences.devices import DEVICE_COOKIE, remember_in_browser
from experiences.models import ContentBlock
from ownership.services import end_ownership
from products.models import Category, Unit
from products.services.brands import touch_content
from products.services.devices import remember_device, revoke_devices
from tests import factories
from tests.reading import module_names, text_of

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def write(brand, title="Words", body="", kind="help", **changes) -> ContentBlock:
    """Write a text as the console does: checked, saved, and shown from the next tap on."""
    bodies = body if isinstance(body, dict) else {"en": body}
    block = ContentBlock(brand=brand, kind=kind, titles={"en": title}, bodies=bodies, **changes)
    block.full_clean()
    block.save()
    touch_content(brand.pk)
    return block


def page_of(unit, client=None, section="", **extra) -> HttpResponse:
    return (client or Client()).get(f"/u/{unit.public_code}/{section}", **extra)


def remembered(person) -> Client:
    """Return the browser in which a person is remembered."""
    response = HttpResponse()
    remember_in_browser(response, remember_device(person=person, now=NOW))
    browser = Client()
    browser.cookies[DEVICE_COOKIE] = response.cookies[DEVICE_COOKIE].value
    return browser


@pytest.fixture
def plain(acme):
    """A unit of a product without any text of its own."""
    return factories.UnitFactory(product=factories.ProductFactory(brand=acme), serial="AC-0001")


@pytest.fixture
def owner_of(acme):
    """Make somebody the unit's owner, and return their browser."""

    def make(unit) -> Client:
        owner = factories.OwnerFactory(brand=acme, person=factories.PersonFactory())
        factories.own(unit, owner, NOW - dt.timedelta(days=3))
        return remembered(owner.person)

    return make


# Who and when


@pytest.mark.django_db
def test_a_text_is_shown_at_its_stages_alone(acme, plain, owner_of):
    write(acme, "While unpacking", stages=["unboxing"])
    write(acme, "In the first weeks", stages=["onboarding", "ownership"])
    write(acme, "Always", stages=[])
    with time_machine.travel(NOW, tick=False):
        Unit.objects.filter(pk=plain.pk).update(sold_on=NOW.date())
        unboxing = text_of(page_of(plain))
        owner_of(plain)
        onboarding = text_of(page_of(plain))
    assert "While unpacking" in unboxing
    assert "In the first weeks" not in unboxing
    assert "While unpacking" not in onboarding
    assert "In the first weeks" in onboarding
    assert "Always" in unboxing
    assert "Always" in onboarding


@pytest.mark.django_db
def test_an_inactive_text_is_shown_to_nobody(acme, plain):
    write(acme, "Not yet", is_active=False)
    assert "Not yet" not in text_of(page_of(plain))


@pytest.mark.django_db
@pytest.mark.parametrize("section", ["", "help/"])
def test_the_server_withholds_an_owners_text_from_everybody_else(acme, plain, owner_of, profile, section):
    """B4: looking, holding, another owner's browser, a forged and a revoked cookie: none of them gets it."""
    write(acme, "For the owner", "Your **private** line", audience="owner")
    chip = factories.put_chip_on(plain, profile)
    owner = owner_of(plain)
    another = owner_of(factories.UnitFactory(product=plain.product))
    holder = Client()
    holder.get(chip.tap())
    forged = Client()
    forged.cookies[DEVICE_COOKIE] = owner.cookies[DEVICE_COOKIE].value[:-2] + "xx"
    assert "<strong>private</strong>" in page_of(plain, owner, section).content.decode()
    for browser in (Client(), holder, another, forged):
        page = page_of(plain, browser, section).content.decode()
        assert "private" not in page
        assert "For the owner" not in page
    revoke_devices(person=plain.ownerships.get().owner.person, now=NOW)
    assert "private" not in page_of(plain, owner, section).content.decode()


@pytest.mark.django_db
def test_a_former_owner_no_longer_reads_what_is_for_the_owner(acme, plain, owner_of):
    write(acme, "For the owner", audience="owner")
    former = owner_of(plain)
    assert "For the owner" in text_of(page_of(plain, former))
    end_ownership(unit=plain, until=NOW, now=NOW)
    assert "For the owner" not in text_of(page_of(plain, former))


@pytest.mark.django_db
def test_a_holders_text_is_for_whoever_holds_it_and_for_the_owner(acme, plain, owner_of, profile):
    write(acme, "In your hand", audience="holder")
    chip = factories.put_chip_on(plain, profile)
    holder = Client()
    assert "In your hand" in text_of(holder.get(chip.tap()))
    assert "In your hand" in text_of(page_of(plain, holder))
    assert "In your hand" in text_of(page_of(plain, owner_of(plain)))
    assert "In your hand" not in text_of(page_of(plain))


# From which level, in which language


@pytest.mark.django_db
def test_the_nearest_level_that_has_something_for_this_reader_wins(acme, globex, plain, owner_of):
    top = factories.CategoryFactory(brand=acme)
    Category.objects.filter(pk=plain.product.category_id).update(parent=top)
    write(acme, "From the brand")
    write(globex, "From a rival")
    write(acme, "From the top", category=top, stages=["discovery"])
    write(acme, "From the product", product=plain.product, audience="owner")

    def found(client=None):
        page = text_of(page_of(plain, client))
        return [
            level for level in ("brand", "top", "category", "product", "rival") if f"From the {level}" in page
        ]

    assert found() == ["top"]
    write(acme, "From the category", category=plain.product.category)
    assert found() == ["category"]
    assert found(owner_of(plain)) == ["product"]
    assert found() == ["category"]
    ContentBlock.objects.filter(category__isnull=False).delete()
    touch_content(acme.pk)
    assert found() == ["brand"]


@pytest.mark.django_db
def test_words_and_dates_follow_the_readers_language(acme, plain):
    Unit.objects.filter(pk=plain.pk).update(made_on=dt.date(2026, 2, 3))
    dated = (
        '{{ unit.made_on }}, {{ unit.made_on | date: "month" }}, {{ unit.made_on | date: "%A %-d %B %Y" }}'
    )
    write(acme, body={"en": f"Made {dated}", "fr": f"Fait {dated}"})
    write(acme, "Only English", "Nothing but {{ product.name }}")
    english, french = text_of(page_of(plain)), text_of(page_of(plain, headers={"accept-language": "fr"}))
    with translation.override("en"):
        assert f"Made {date_format(dt.date(2026, 2, 3))}, February 2026, Tuesday 3 February 2026" in english
    assert "Fait 3 février 2026, février 2026, mardi 3 février 2026" in french
    assert "Nothing but Sac de voyage" in french


# What this very unit is


@pytest.mark.django_db
def test_a_text_says_what_this_very_unit_is(acme, plain, owner_of):
    Unit.objects.filter(pk=plain.pk).update(
        attributes={"artisan": "Aurèle"}, sold_on=dt.date(2026, 4, 20), made_in="Tarn"
    )
    write(
        acme,
        "{{ product.name }} {{ unit.serial }}",
        "By **{{ unit.attributes.artisan }}** in {{ unit.made_in }}, {{ unit.age_months }} month,"
        " `{{ unit.serial }}`, {{ stage }}, {{ brand.name }}, since {{ owner.since }}, {{ today }}."
        " [Write](mailto:care@acme.example?subject={{ unit.serial }}%20{{ unit.attributes.artisan }})"
        "{% if coverage.until > today %} covered{% else %} not covered{% endif %}",
    )
    owner_of(plain)
    with time_machine.travel(NOW, tick=False):
        page = page_of(plain)
    assert "Weekend bag AC-0001" in text_of(page)
    html = page.content.decode()
    assert "By <strong>Aurèle</strong> in Tarn, 1 month, <code>AC-0001</code>, onboarding, Acme" in html
    with translation.override("en"):
        assert f"since {date_format(dt.date(2026, 6, 12))}, {date_format(dt.date(2026, 6, 15))}." in html
    assert "subject=AC-0001%20Aur%C3%A8le" in html
    assert "not covered" in html


@pytest.mark.django_db
def test_an_attribute_that_is_missing_prints_nothing_and_the_text_stays(acme, plain):
    write(
        acme,
        "Made by hand",
        "Sewn{% if unit.attributes.artisan %} by {{ unit.attributes.artisan }}{% endif %},"
        " edition “{{ unit.attributes.edition }}”.",
    )
    assert "Sewn, edition “”." in text_of(page_of(plain))
    Unit.objects.filter(pk=plain.pk).update(attributes={"artisan": "Aurèle", "edition": 7})
    assert "Sewn by Aurèle, edition “7”." in text_of(page_of(plain))


@pytest.mark.django_db
def test_a_text_of_which_nothing_is_left_is_not_shown(acme, plain):
    write(acme, "Engraved", "{% if unit.attributes.engraving %}Keep it dry.{% endif %}", kind="setup")
    Unit.objects.filter(pk=plain.pk).update(sold_on=dt.date.today())  # noqa: DTZ011
    assert "setup" not in module_names(page_of(plain))
    Unit.objects.filter(pk=plain.pk).update(attributes={"engraving": "A"})
    assert "setup" in module_names(page_of(plain))


HOSTILE = [
    "<script>alert(1)</script>",
    "**bold** _it_ `code`",
    "[x](javascript:alert(1))",
    "[x](https://evil.example)",
    "<https://evil.example>",
    "\n# Heading\n\n- a\n- b\n\n    code",
    "![x](https://evil.example/x.gif)",
    '"><img src=x onerror=alert(1)>',
    "{{ unit.serial }}{% for i in (1..9) %}x{% endfor %}",
    "&lt;script&gt; &#42;a&#42; \\",
    "\U000f0000\U000f0001 %F3%B0%80%80",
    "1. one",
]


@pytest.mark.django_db
@pytest.mark.parametrize("evil", HOSTILE)
@pytest.mark.parametrize(
    "around",
    ["{}", "- {}", "a **{}** b", "`{}`", "[{}](https://acme.example)", "\\{} b", "> {}\n# {}"],
)
def test_a_value_is_text_and_never_markup(acme, plain, evil, around):
    """The page has the same tags, whatever the attribute says; and it says it literally."""

    def tags(value):
        Unit.objects.filter(pk=plain.pk).update(attributes={"note": value})
        html = preview_block(block, Unit.objects.get(pk=plain.pk), "en", NOW).text.body
        return [part.partition(">")[0] for part in html.split("<")[1:]], html

    body = "Before\n\n" + around.replace("{}", "{{ unit.attributes.note }}") + "\n\nAfter"
    block = ContentBlock(brand=acme, kind="help", titles={"en": "T"}, bodies={"en": body})
    harmless, _html = tags("harmless")
    hostile, html = tags(evil)
    assert hostile == harmless
    assert "evil.example" not in "".join(hostile)
    assert " ".join(evil.split()) in entities.unescape(html)


@pytest.mark.django_db
def test_a_value_in_an_address_stays_within_it(acme, plain):
    Unit.objects.filter(pk=plain.pk).update(attributes={"u": 'javascript:alert(1)" onclick="x()'})
    write(acme, body="[a]({{ unit.attributes.u }}) [b](https://acme.example/?q={{ unit.attributes.u }}&b=1)")
    html = page_of(plain).content.decode()
    assert 'href="javascript%3Aalert%281%29%22%20onclick%3D%22x%28%29"' in html
    assert (
        'href="https://acme.example/?q=javascript%3Aalert%281%29%22%20onclick%3D%22x%28%29&amp;b=1"' in html
    )


@pytest.mark.django_db
def test_script_in_markdown_of_a_text_with_variables_does_not_run(acme, plain):
    write(
        acme,
        "<b>{{ unit.serial }}</b>",
        "<script>alert(1)</script> [x](javascript:alert(2)) {{ unit.serial }}",
    )
    html = page_of(plain).content.decode()
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "&lt;b&gt;AC-0001&lt;/b&gt;" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        "{{ unit.serial",
        "{{ unit.seriall }}",
        "{% for i in (1..10000000) reversed %}a{% endfor %}",
        "{{ 1 | divided_by: 0 }}",
    ],
)
def test_a_text_that_fails_on_the_page_is_left_out_and_logged_by_its_id(acme, plain, caplog, broken):
    """What was saved past the check (an import, an older version) takes nothing else with it."""
    write(acme, "Another")
    block = ContentBlock.objects.create(
        brand=acme, kind="help", titles={"en": "Broken"}, bodies={"en": broken}
    )
    with caplog.at_level(logging.ERROR):
        response = page_of(plain)
    assert response.status_code == 200
    assert "Another" in text_of(response)
    assert "Broken" not in text_of(response)
    assert f"content block {block.pk} " in caplog.text
    assert plain.serial not in caplog.text


@pytest.mark.django_db
def test_variables_cost_no_statement(acme, plain, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements():
        page_of(plain)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page_of(plain)
        return len(captured)

    write(acme, "Plain")
    before = statements()
    write(
        acme,
        "With {{ unit.serial }}",
        "{{ unit.attributes.a }} {{ owner.since }} {{ coverage.until }}",
        audience="everyone",
    )
    write(acme, "Owner", audience="owner", stages=["maturity"])
    assert statements() == before


# What is refused at save


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a\n\n{{ unit.seriall }}", 3, "“unit.seriall” is not known; did you mean “unit.serial”?"),
        ("{{ unit }}", 1, "“unit” is not known"),
        ("a\n{{ unit.attributes }}", 2, "group of values"),
        ("{{ unit.attributes.a.b }}", 1, "“unit.attributes.a.b” is not known"),
        ("{% if owner.name %}x{% endif %}", 1, "“owner.name” is not known"),
        ("a\n{{ settings.SECRET_KEY }}", 2, "“settings.SECRET_KEY” is not known"),
        ("{{ unit.serial.__class__ }}", 1, "not known"),
        ("a\n{{ stage | upcas }}", 2, "“upcas” is not known; did you mean “upcase”?"),
        ("{{ stage | replace: 'a', 'b' }}", 1, "“replace” is not known"),
        ("a\n\n{% include 'secrets' %}", 3, "the tag “include” is not known"),
        ("{% render 'x' %}", 1, "the tag “render” is not known"),
        ("a\n{{ unit.serial", 2, "“{{” is not closed"),
        ("a\n{% if stage %}\nb\n\nc", 2, "“{% if %}” is not closed; write “{% endif %}”"),
        ("x\n{% if stage %}\n{% if today %}\n{% endif %}\nc", 2, "“{% if %}” is not closed"),
        ("a\n{% comment %} b", 2, "“{% comment %}” is not closed"),
        ("{% endif %}", 1, "“{% endif %}” stands where nothing is open"),
        ("a\n{% if stage = 'x' %}{% endif %}", 2, "near “=”"),
        ("a\n{{ }}\n{{ stage }}\nb", 2, "something is missing"),
        ("a\n{% if stage %}\n{% for i in %}{% endfor %}{% endif %}", 3, "something is missing"),
        ("a\n{{" + " " * 9000, 2, "500 spaces or more"),
        ("{{ stage }}\n" * 700 + "{% if stage %}\n" + "b\n" * 500, 701, "“{% if %}” is not closed"),
        ("a\n{{ }}", 2, "something is missing"),
        ("{% for i in (1..10000000) %}a{% endfor %}", 1, "a loop may take 200 turns"),
        ("{% for i in (1..10000000) reversed %}a{% endfor %}", 1, "a loop may take 200 turns"),
        ("a\n{% for i in (1..99) %}{% for j in (1..99) %}a{% endfor %}{% endfor %}", 2, "200 turns"),
        ("{% assign n = 10000000 %}\n{% for i in (1..n) %}a{% endfor %}", 2, "two whole numbers"),
        ("{% for i in (1..200) %}" + "x" * 200 + "{% endfor %}", 1, "more than 20000 characters"),
        ("{% for i in (1..200) %}{{ '" + "x" * 200 + "' }}{% endfor %}", 1, "more than 20000 characters"),
        (
            "{% assign a = 'xx' %}\n{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}",
            2,
            "“assign”",
        ),
        (
            "{% assign a = 9 %}\n{% for i in (1..99) %}{% assign a = a | times: a %}{% endfor %}",
            2,
            "“assign”",
        ),
        ("a\n{{ 1 | divided_by: 0 }}", 2, "can't be worked out"),
        ("{{ today | date: '%Q' }}", 1, "date does not know “%Q”"),
        ("{% if unit.made_in %}{% assign y = 1 %}{% endif %}\n{{ y }}", 2, "no value at this point"),
    ],
)
def test_a_mistake_is_told_with_its_line(text, line, says):
    with pytest.raises(ValidationError) as refused:
        check_block_source(text)
    assert refused.value.messages[0].startswith(f"line {line}: ")
    assert says in refused.value.messages[0]


def test_every_mistake_is_told_at_once_in_the_order_of_lines():
    with pytest.raises(ValidationError) as refused:
        check_block_source("{{ a }}\n{{ stage | b }}\n{{ c }}")
    assert [message.partition(":")[0] for message in refused.value.messages] == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize(
    "text",
    [
        "No braces at all, 100 % plain",
        "{{ unit.serial }}{{ unit['serial'] }}{{ unit.attributes.anything }}{{ unit.attributes['two words'] }}",
        "{% if coverage.until and coverage.until > today %}{{ coverage.until | date: 'short' }}{% endif %}",
        "{% for pair in unit.attributes %}{{ pair[0] }}: {{ pair[1] }}{% endfor %}",
        "{% case stage %}{% when 'unboxing' %}a{% else %}b{% endcase %}{% unless owner.since %}c{% endunless %}",
        "{{ unit.attributes.n | divided_by: 2 }}{{ unit.attributes.day | date: '%B' }}",
        "{% raw %}{{ literally }}{% endraw %}{% comment %}{{ nothing }}{% endcomment %}",
        "{{ unit.made_in | default: brand.name | upcase | truncate: 20 }}",
    ],
)
def test_what_is_documented_is_accepted(text):
    check_block_source(text)


def test_a_text_that_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(ValidationError, match="at most 10000 fit"):
        check_block_source("{{" * 5001)


def form_data(brand, **changes):
    return {
        "brand": brand.pk, "kind": "help", "audience": "everyone", "position": 0, "is_active": "on",
        "titles_en": "Title", "bodies_en": "Body", **changes,
    }  # fmt: skip


@pytest.mark.django_db
def test_the_form_tells_language_and_line_beside_the_field_and_keeps_what_was_typed(acme):
    form = ContentBlockForm(form_data(acme, bodies_fr="Bon\n\n{{ unit.seriall }}", titles_en="{{ nope }}"))
    assert not form.is_valid()
    assert form.errors["bodies"] == [
        "French, line 3: “unit.seriall” is not known; did you mean “unit.serial”?"
    ]
    assert form.errors["titles"][0].startswith("English, line 1: “nope” is not known")
    assert "{{ unit.seriall }}" in form["bodies"].value()[1]


@pytest.mark.django_db
def test_the_form_lists_the_variables_and_saves_stages_and_audience(acme):
    assert "<code>{{ unit.attributes }}</code>" in ContentBlockForm()["bodies"].help_text
    form = ContentBlockForm(form_data(acme, stages=["unboxing", "onboarding"], audience="owner"))
    block = form.save()
    block.refresh_from_db()
    assert (block.stages, block.audience, block.is_active) == (["unboxing", "onboarding"], "owner", True)
    assert not ContentBlockForm(form_data(acme, stages=["childhood"])).is_valid()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stages", [["childhood"], "unboxing", [["unboxing"]], ["unboxing", "unboxing"], {"a": 1}]
)
def test_stages_that_do_not_exist_are_refused(acme, stages):
    block = ContentBlock(brand=acme, kind="help", titles={"en": "T"}, stages=stages)
    with pytest.raises(ValidationError) as refused:
        block.full_clean()
    assert list(refused.value.message_dict) == ["stages"]


@pytest.mark.django_db
def test_the_database_refuses_an_audience_that_does_not_exist(acme):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        ContentBlock.objects.create(brand=acme, kind="help", titles={}, audience="friends")


@pytest.mark.django_db
def test_a_preview_shows_the_unsaved_text_for_one_unit_and_records_nothing(acme, plain):
    from analytics.models import Scan

    block = ContentBlock(
        brand=acme,
        kind="help",
        stages=["retired"],
        titles={"en": "T", "fr": "F"},
        bodies={"fr": "{{ unit.serial }}"},
    )
    preview = preview_block(block, plain, "fr", NOW)
    assert (preview.text.title, preview.text.body) == ("F", "<p>AC-0001</p>\n")
    assert (preview.stage, preview.is_for_stage) == ("discovery", False)
    assert not Scan.objects.exists()
    assert not ContentBlock.objects.exists()
