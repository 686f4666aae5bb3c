"""What registering began, in the console: coverage, consents, browsers, texts read before they are saved."""

import datetime as dt
import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import Event, UnitActivity
from experiences.models import ContentBlock, Message
from ownership.models import ConsentChannel, ConsentWording, Registration
from ownership.models.registrations import ContactKind, Proof
from ownership.services.consents import withdraw_consent
from ownership.services.registrations import RegistrationForm, confirm_registration, send_registration
from products.models import AuditRow, Brand, Device, Job
from products.services.devices import remember_device
from tests import factories
from tests.config.console_rows import ROWS
from tests.config.test_console_tenancy import console, url
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef" * 2


@pytest.fixture
def plan(acme):
    return CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)


@pytest.fixture
def wording(acme):
    return ConsentWording.objects.create(
        brand=acme, purpose="marketing", version=1, texts={"en": "Write to me.", "fr": "Écrivez-moi."}
    )


def register(unit, *, proof=Proof.HOLDING, contact="alice@owner.example", kind=ContactKind.EMAIL, news=True):
    form = RegistrationForm(
        submission_key=KEY, contact_kind=kind, contact=contact, name="Alice", marketing=news, locale="en"
    )
    return send_registration(unit_id=unit.pk, form=form, proof=proof, now=timezone.now())


@pytest.fixture
def registered(unit, plan, wording):
    registration = register(unit)
    activate_coverage(unit_id=unit.pk, now=timezone.now())
    return registration


def page_of(client, unit) -> str:
    return client.get(reverse("admin:products_unit_change", args=[unit.pk])).content.decode()


def test_the_page_says_until_when_it_is_covered_and_how_it_was_registered(sam, unit, registered):
    text = page_of(console(sam), unit)
    coverage = Coverage.objects.get(unit=unit)
    left = (coverage.ends_on - coverage.starts_on).days
    for expected in (
        "Two years", coverage.starts_on.isoformat(), coverage.ends_on.isoformat(), f"{left} days left",
        f"/certificate/{coverage.certificate_code}/", "Held the unit: a verified tap",
        "Owner; the address is not confirmed yet", "News and offers, version 1: agreed",
        "Remembered in 0 browsers", f"from {coverage.starts_on.isoformat()} until",
    ):  # fmt: skip
        assert expected in text


def test_a_yes_from_an_address_that_nobody_confirmed_says_so_until_it_is(sam, unit, registered):
    """B1: what staff may not write for yet is marked, in the list and on the unit's page."""
    client = console(sam)
    listed = url("ownership.consent", "changelist")
    assert "address not confirmed" in page_of(client, unit)
    assert "address not confirmed" in client.get(listed).content.decode()
    confirm_registration(registration_id=registered.pk, person=registered.person, now=timezone.now())
    assert "address not confirmed" not in page_of(client, unit)
    page = client.get(listed).content.decode()
    assert "address not confirmed" not in page
    assert "state-active" in page
    assert client.get(listed, {"confirmed_at__isempty": "1"}).context["cl"].result_count == 0


def test_the_number_that_older_events_name_leads_to_the_owner_of_today(sam, acme, globex, unit, registered):
    """B2, H6: after a merge the events of before name an owner who is gone; the confirmation says who took over."""
    agent = console(sam)
    before, person = registered.owner_id, factories.PersonFactory()
    alice = factories.OwnerFactory(brand=acme, person=person)
    confirm_registration(registration_id=registered.pk, person=person, now=timezone.now())
    assert Event.objects.get(kind="ownership.started").owner_id == before
    assert f"the owner's number is #{alice.pk}; it was #{before} until then" in html.unescape(
        page_of(agent, unit)
    )
    for number in (before, alice.pk):
        answer = agent.get("/console/look-up/", {"q": f"#{number}"})
        assert answer.url == reverse("admin:products_unit_change", args=[unit.pk])
    rival = console(factories.staff(globex, "rival", "support_agent"))
    for person in (rival, console(factories.staff(acme, "reader", "analyst"))):
        answer = person.get("/console/look-up/", {"q": f"#{before}"})
        assert answer.status_code == 200
        assert "AC-0001" not in answer.content.decode()
    assert agent.get("/console/look-up/", {"q": "#" + "9" * 18}).status_code == 200


def test_a_consent_taken_back_and_a_message_stand_there_too(sam, acme, unit, registered):
    now = timezone.now()
    withdraw_consent(owner=registered.owner, purpose="marketing", now=now, through=ConsentChannel.ME)
    remember_device(person=registered.person, now=now)
    Message.objects.create(
        brand=acme, unit=unit, kind="registered", locale="en", state="failed", dedupe_key="registered:1",
        created_at=now, changed_at=now,
    )  # fmt: skip
    text = page_of(console(sam), unit)
    assert "withdrawn " in text
    assert "Remembered in 1 browser." in text
    assert "state-failed" in text


@pytest.mark.parametrize("role", ["analyst", "auditor", "commerce"])
def test_who_may_not_see_the_owner_sees_coverage_and_no_consent(role, acme, unit, registered):
    text = page_of(console(factories.staff(acme, "other", role)), unit)
    assert "Two years" in text
    assert "alice@owner.example" not in text
    assert "News and offers, version 1: agreed" not in text
    assert "Remembered in" not in text


def test_coverage_that_ran_out_says_so(sam, unit, registered):
    today = timezone.now().date()
    Coverage.objects.update(starts_on=today - dt.timedelta(days=90), ends_on=today - dt.timedelta(days=3))
    assert "ended" in page_of(console(sam), unit)


def test_a_certificates_code_or_link_finds_the_unit(sam, unit, registered):
    code = Coverage.objects.get(unit=unit).certificate_code
    client = console(sam)
    for query in (code, f"https://care.acme.example/certificate/{code}/", f"http://x/certificate/{code}.pdf"):
        answer = client.get("/console/look-up/", {"q": query})
        assert answer.url == reverse("admin:products_unit_change", args=[unit.pk]), query


@pytest.mark.parametrize(
    ("kind", "contact", "query"),
    [("email", "new@owner.example", "NEW@owner.example"), ("phone", "+447700900123", "07700 900123")],
)
def test_an_address_that_waits_for_its_code_finds_the_unit(sam, globex, unit, kind, contact, query):
    register(unit, proof=Proof.CODE, contact=contact, kind=ContactKind(kind))
    assert Registration.objects.get().state == "pending"
    answer = console(sam).get("/console/look-up/", {"q": query})
    assert answer.status_code == 302
    assert answer.url == reverse("admin:products_unit_change", args=[unit.pk])
    rival = console(factories.staff(globex, "rival", "support_agent"))
    assert rival.get("/console/look-up/", {"q": query}).status_code == 200


def test_words_that_somebody_agreed_to_cannot_be_changed_and_a_new_version_can_be_added(
    acme, registered, wording
):
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    edit = url("ownership.consentwording", "change", wording.pk)
    assert boss.post(edit, {"texts_en": "Sell my address."}).status_code == 403
    wording.refresh_from_db()
    assert wording.texts["en"] == "Write to me."
    version = Brand.objects.get(pk=acme.pk).content_version
    added = {"purpose": "marketing", "texts_en": "Write to me monthly.", "texts_fr": "Écrivez-moi."}
    assert boss.post(url("ownership.consentwording", "add"), added).status_code == 302
    assert ConsentWording.objects.get(version=2).texts["en"] == "Write to me monthly."
    assert Brand.objects.get(pk=acme.pk).content_version > version


@pytest.mark.parametrize("role", ["brand_admin", "service_manager"])
def test_a_plan_is_written_by_who_answers_for_it_and_reaches_the_next_tap(role, acme, plan):
    client = console(factories.staff(acme, "writer", role))
    version = Brand.objects.get(pk=acme.pk).content_version
    values = {"names_en": "Three years", "months": 36, "starts_from": "sale", "is_active": "on"}
    assert client.post(url("warranty.coverageplan", "change", plan.pk), values).status_code == 302
    plan.refresh_from_db()
    assert (plan.names["en"], plan.months) == ("Three years", 36)
    assert Brand.objects.get(pk=acme.pk).content_version > version


def test_an_agent_forgets_an_owners_browsers_after_being_asked(sam, registered):
    device = remember_device(person=registered.person, now=timezone.now())
    client = console(sam)
    owner_page = reverse("admin:ownership_owner_change", args=[registered.owner_id])
    page = reverse("admin:ownership_owner_forget", args=[registered.owner_id])
    assert page in client.get(owner_page).content.decode()
    assert "at other brands too" in client.get(page).content.decode()
    assert Device.objects.get().revoked_at is None
    assert client.post(page).url == owner_page
    forgotten = Device.objects.get(pk=device.pk)
    assert forgotten.revoked_at
    assert forgotten.epoch == device.epoch + 1
    assert AuditRow.objects.get(action="forget_browsers").data == {"browsers": 1}


def test_nobody_else_forgets_them(acme, globex, registered):
    remember_device(person=registered.person, now=timezone.now())
    page = reverse("admin:ownership_owner_forget", args=[registered.owner_id])
    rival = factories.staff(globex, "rival", "support_agent")
    compliance = factories.staff(acme, "compliance", "compliance")
    assert console(rival).post(page).status_code == 404
    assert console(compliance).post(page).status_code == 403
    assert Device.objects.get().revoked_at is None


# --- Texts read before they are saved ------------------------------------------------------------
def block_values(**changes) -> dict:
    return {
        "kind": "tip", "position": 0, "titles_en": "Care", "audience": "everyone", "is_active": "on",
        "bodies_en": "For {{ unit.serial }}", **changes,
    }  # fmt: skip


@pytest.fixture
def editor(acme):
    return console(factories.staff(acme, "editor", "content_editor"))


PREVIEW = "/console/experiences/contentblock/new/preview/"


def test_a_text_is_read_as_a_units_page_would_show_it_before_it_is_saved(editor, unit):
    answer = editor.post(PREVIEW, block_values(preview_serial="ac-0001"))
    assert answer.status_code == 200
    assert "For AC-0001" in answer.content.decode()
    assert not ContentBlock.objects.filter(titles__en="Care").exists()


def test_a_mistake_stands_in_the_preview_with_its_line(editor, unit):
    text = editor.post(PREVIEW, block_values(bodies_en="One\n{{ unit.serail }}")).content.decode()
    assert "can&#x27;t be shown yet" in text or "can't be shown yet" in text
    assert "unit.serail" in text
    assert "2" in text


def test_a_preview_takes_no_rivals_unit_and_opens_no_rivals_text(editor, globex):
    rival = factories.UnitFactory(product=factories.full_product(globex), serial="GX-1")
    text = editor.post(PREVIEW, block_values(preview_serial="GX-1")).content.decode()
    assert "no unit with the serial number" in text
    assert "For GX-1" not in text
    block = ROWS["experiences.contentblock"](globex)
    assert editor.get(f"/console/experiences/contentblock/{block.pk}/preview/").status_code == 404
    assert rival.brand == globex


def test_the_form_offers_the_preview_and_the_stages(editor, acme):
    block = ROWS["experiences.contentblock"](acme)
    text = editor.get(url("experiences.contentblock", "change", block.pk)).content.decode()
    assert f'formaction="/console/experiences/contentblock/{block.pk}/preview/"' in text
    assert 'name="stages"' in text
    values = block_values(stages=["unboxing", "onboarding"], audience="owner", product=block.product_id)
    assert editor.post(url("experiences.contentblock", "change", block.pk), values).status_code == 302
    block.refresh_from_db()
    assert (block.stages, block.audience) == (["unboxing", "onboarding"], "owner")


# --- Home ----------------------------------------------------------------------------------------
def test_home_says_what_waits_and_leads_to_its_rows(acme, globex, unit, registered):
    ContentBlock.objects.all().delete()
    Job.objects.create(brand=acme, kind="import_units", state="failed")
    ContentBlock.objects.create(brand=acme, kind="tip", titles={"en": "Only English"}, bodies={"en": "x"})
    ContentBlock.objects.create(brand=globex, kind="tip", titles={"en": "Rival"})
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    tasks = boss.get("/console/").context["tasks"]
    assert [task.sentence for task in tasks] == [
        "1 owner has not confirmed the address", "1 job failed", "1 text lacks one of your languages",
    ]  # fmt: skip
    for task in tasks:
        assert boss.get(f"/console/{task.url}").context["cl"].result_count == 1, task
    editor = console(factories.staff(acme, "editor", "content_editor"))
    assert "owner" not in " ".join(task.sentence for task in editor.get("/console/").context["tasks"])


def test_home_counts_registrations_among_the_units_opened_for_the_first_time(acme, unit, registered):
    now = timezone.now()
    for days in (0, 3, 20):
        other = factories.UnitFactory(product=unit.product, serial=f"AC-{days}")
        at = now - dt.timedelta(days=days)
        UnitActivity.objects.create(unit=other, first_scan_at=at, last_scan_at=at, scans=1, visitors="a")
    Registration.objects.create(
        brand=acme, unit=other, submission_key="f" * 32, proof="code", state="pending", contact_kind="email",
        contact="x@owner.example", locale="en", created_at=now - dt.timedelta(days=4),
    )  # fmt: skip
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    numbers = {number.label: number for number in boss.get("/console/").context["numbers"]}
    day, week = numbers["Registrations"], numbers["Registrations in a week"]
    assert (day.value, day.note) == (1, "1 unit was opened for the first time")
    assert (week.value, week.note) == (2, "2 units were opened for the first time")


# --- What a page costs ---------------------------------------------------------------------------
# The stock admin's list of 100 rows of a plain model, as measured: 55 KB.
STOCK_LIST = 55_000
BUDGETS = {
    "/console/": 20,
    "/console/products/unit/": 14,
    "/console/ownership/owner/": 14,
    "/console/ownership/registration/": 14,
    "/console/warranty/coverage/": 14,
    "/console/experiences/contentblock/": 14,
}


@pytest.mark.parametrize("page", sorted(BUDGETS))
def test_pages_stay_below_the_stock_admins_list(page, acme, bag, capsys):
    """A list shows 50 rows a page, in constant statements and fewer bytes than the stock list of 100."""
    units = factories.UnitFactory.create_batch(50, product=bag)
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    for number, unit in enumerate(units):
        registration = RegistrationForm(
            f"{number:032x}", ContactKind.EMAIL, f"owner-{number}@owner.example", "Alice", False, "en"
        )
        send_registration(unit_id=unit.pk, form=registration, proof=Proof.HOLDING, now=timezone.now())
        activate_coverage(unit_id=unit.pk, now=timezone.now())
        ContentBlock.objects.create(brand=acme, product=bag, kind="tip", titles={"en": "Tip"})
    client = console(factories.staff(acme, "boss", "brand_admin"))
    client.get(page)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(page)
    size = len(answer.content)
    with capsys.disabled():
        print(f"\n{page}: {len(seen)} statements, {size} bytes", end="")  # noqa: T201
    assert answer.status_code == 200
    assert len(seen) <= BUDGETS[page]
    assert size < STOCK_LIST
