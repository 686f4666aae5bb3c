"""Staff and what people told: reports for a caller, the owner's day of purchase, a giver's words."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from analytics.models import Event, UnitFacts
from experiences.models import Message
from experiences.purchases import PROOF
from ownership.errors import OwnershipError
from ownership.models import FinderThread, Gift, LossReport, Purchase
from ownership.services import start_ownership
from products.models import AuditRow, Unit
from products.services.files import store_private_file
from tests import factories
from tests.config.test_console_tenancy import console
from tests.config.test_console_unit_page import act, agent, page_of  # noqa: F401 - a fixture among them

pytestmark = pytest.mark.django_db


@pytest.fixture
def owned(unit, alice):
    return factories.own(unit, alice, timezone.now() - dt.timedelta(days=40))


def test_an_agent_reports_for_a_caller_and_the_owner_gets_a_letter(agent, sam, unit, owned):  # noqa: F811
    answer = act(
        agent, unit, "raise-stolen", reason="Call 12", missed_on="2026-03-01", police_reference="PV 9"
    )
    assert answer.status_code == 302
    report = LossReport.objects.get()
    assert (report.kind, report.ownership, report.reported_by_id) == ("stolen", owned, sam.pk)
    assert (report.missed_on, report.police_reference) == (dt.date(2026, 3, 1), "PV 9")
    assert Message.objects.get(kind="loss_reported").owner_id == owned.owner_id
    page = page_of(agent, unit)
    assert "PV 9" in page
    assert "Call 12" in page
    assert Event.objects.get(kind="loss.reported").actor_id == sam.pk
    act(agent, unit, "lower-stolen", reason="Back again")
    assert LossReport.objects.get().ended_at is not None
    assert not UnitFacts.objects.get(unit=unit).stolen


def test_an_agents_correction_keeps_the_owners_words(agent, unit, owned):  # noqa: F811
    LossReport.objects.create(
        brand=unit.brand,
        unit=unit,
        ownership=owned,
        kind="lost",
        words="Blue ribbon",
        reported_at=timezone.now(),
    )
    factories.facts(unit, lost=True)
    act(agent, unit, "raise-stolen", reason="Call 13")
    report = LossReport.objects.get()
    assert (report.kind, report.words) == ("stolen", "Blue ribbon")
    assert not UnitFacts.objects.get(unit=unit).lost


def test_what_was_stolen_before_it_was_sold_is_reported_without_an_owner(agent, client, unit):  # noqa: F811
    act(agent, unit, "raise-stolen", reason="Taken from the shop")
    assert LossReport.objects.get().ownership is None
    assert not Message.objects.exists()
    page = client.get(f"/u/{unit.public_code}/found/")
    assert "care@acme.example" in page.content.decode()
    client.post(f"/u/{unit.public_code}/found/", {"words": "x", "submission_key": "0" * 32})
    assert not FinderThread.objects.exists()
    assert act(agent, unit, "retire", day="2026-03-02", status="destroyed").status_code == 302
    assert LossReport.objects.standing().count() == 0


def test_nobody_becomes_owner_of_what_staff_look_for(agent, unit, alice):  # noqa: F811
    """C6: neither by a form nor through staff, until the search has ended."""
    act(agent, unit, "raise-stolen", reason="It left the warehouse on Sunday")
    with pytest.raises(OwnershipError, match="once the search has ended"):
        start_ownership(unit=unit, owner=alice, since=timezone.now(), now=timezone.now())
    assert LossReport.objects.standing().filter(unit=unit).exists()
    assert UnitFacts.objects.get(unit=unit).stolen


def test_a_day_ahead_is_refused(agent, unit):  # noqa: F811
    assert act(agent, unit, "raise-lost", reason="x", missed_on="2999-01-01").status_code == 200
    assert not LossReport.objects.exists()


@pytest.fixture
def bought(unit, owned):
    file = store_private_file(
        brand=unit.brand, purpose=PROOF, content=ContentFile(b"%PDF-1.4 %%EOF", "proof.pdf"),
        original_name="proof.pdf", content_type="application/pdf", uploaded_by=None, now=timezone.now(),
        keep_for=None,
    )  # fmt: skip
    return Purchase.objects.create(
        ownership=owned,
        bought_on=dt.date(2026, 2, 3),
        seller="Lemaire, Lyon",
        proof=file,
        entered_at=timezone.now(),
    )


def test_staff_adopt_the_owners_day_of_purchase(agent, unit, bought):  # noqa: F811
    page = page_of(agent, unit)
    assert "Lemaire, Lyon" in page
    assert "act/adopt-purchase/" in page
    act(agent, unit, "adopt-purchase")
    assert Unit.objects.get(pk=unit.pk).sold_on == dt.date(2026, 2, 3)
    assert "act/adopt-purchase/" not in page_of(agent, unit)
    assert Event.objects.filter(kind="unit.sold").count() == 1


def test_the_proof_is_for_agents_of_the_brand_and_leaves_an_audit_row(agent, unit, bought, acme, globex):  # noqa: F811
    url = reverse("console_file", args=[bought.proof_id])
    assert agent.get(url).status_code == 200
    assert AuditRow.objects.filter(action="file.read").count() == 1
    for brand, role in (
        (globex, "support_agent"),
        (globex, "brand_admin"),
        (acme, "analyst"),
        (acme, "commerce"),
    ):
        other = console(factories.staff(brand, f"{role}-{brand.slug}", role))
        assert other.get(url).status_code == 404, (brand, role)


def test_who_may_not_see_owners_sees_nothing_that_they_told(unit, bought, acme, globex):
    LossReport.objects.create(
        brand=acme, unit=unit, ownership=bought.ownership, kind="lost", police_reference="PV 9",
        reported_at=timezone.now(),
    )  # fmt: skip
    for brand, role in ((acme, "analyst"), (globex, "support_agent")):
        client = console(factories.staff(brand, f"{role}-{brand.slug}", role))
        page = client.get(reverse("admin:products_unit_change", args=[unit.pk]), follow=True).content.decode()
        assert "Lemaire" not in page
        assert "PV 9" not in page


def test_staff_remove_a_givers_words(agent, client, unit):  # noqa: F811
    Gift.objects.create(unit=unit, brand=unit.brand, words="Rude words", left_at=timezone.now())
    assert "Rude words" in page_of(agent, unit)
    act(agent, unit, "remove-gift")
    assert "Rude words" not in client.get(f"/u/{unit.public_code}/").content.decode()
    assert Event.objects.filter(kind="gift.removed").count() == 1
    assert "act/remove-gift/" not in page_of(agent, unit)


@pytest.mark.parametrize("slug", ["adopt-purchase", "remove-gift", "lower-lost", "raise-stolen"])
def test_a_rivals_agent_changes_nothing_of_it(slug, globex, unit, bought):
    Gift.objects.create(unit=unit, brand=unit.brand, words="Words", left_at=timezone.now())
    client = console(factories.staff(globex, "rival", "support_agent"))
    answer = act(client, unit, slug, reason="x")
    assert answer.status_code == 302
    assert answer.url == reverse("admin:index")
    assert Gift.objects.exists()
    assert Unit.objects.get(pk=unit.pk).sold_on is None
    assert not LossReport.objects.exists()
