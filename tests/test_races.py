"""What must hold when many do the same thing at the same moment.

On PostgreSQL with fifty threads against the test's database; on SQLite the small version, against
a database file as `make run` has it.
"""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from products.profiles import to_sun
from tests import factories

postgres = pytest.mark.postgres


def at_once(jobs) -> list:
    """Run all jobs at the same moment, each in its thread with its own connection; return their results."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number, job):
        try:
            barrier.wait(30)
            results[number] = job()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(number, job), daemon=True) for number, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def seen(link: str):
    response = Client().get(link)
    main = response.content.decode().partition("<main")[2].partition(">")[0]
    return response.status_code, main.partition('data-authenticity="')[2].partition('"')[0]


@pytest.fixture
def stage_set(transactional_db):
    """A chip on a unit, and two owners, in committed rows."""
    brand = factories.BrandFactory(slug="acme", name="Acme")
    unit = factories.UnitFactory(product=factories.ProductFactory(brand=brand))
    profile = factories.ChipProfileFactory(brand=brand, slug="acme-a")
    return factories.put_chip_on(unit, profile), [factories.OwnerFactory(brand=brand) for _n in range(20)]


@postgres
def test_fifty_threads_with_one_link_make_one_genuine_tap(stage_set):
    from analytics.models import Scan, UnitActivity

    chip, _owners = stage_set
    link = chip.tap()
    results = at_once([lambda: seen(link)] * 50)
    assert Counter(results) == {(200, "genuine"): 1, (200, "replayed"): 49}
    assert Counter(Scan.objects.values_list("verdict", flat=True)) == {"genuine": 1, "replayed": 49}
    activity = UnitActivity.objects.get()
    assert (activity.scans, activity.visitor_count) == (50, 1), "whoever opens a copy did not stand before it"


@postgres
def test_fifty_first_taps_of_a_chip_encoded_anew_make_one_event_and_one_opened_seal(stage_set):
    """Each with a link of its own under the new version: every counter is used once, what is new is told once."""
    from dataclasses import replace

    from analytics.models import Event, UnitFacts
    from products.models import ChipProfile, Tag
    from products.profiles import forget_profiles

    chip, _owners = stage_set
    assert seen(chip.tap(400)) == (200, "genuine")
    keys = {"meta_read_key": "11" * 16, "file_read_keys": {"0": "22" * 16, "1": "44" * 16}}
    ChipProfile.objects.update(keys=json.dumps(keys), mac_from="url", params={"tt": "tt"}, tamper_loop="seal")
    forget_profiles()
    anew = to_sun(ChipProfile.objects.get()).under_version(1)
    chip = replace(chip, chip=replace(chip.chip, profile=anew, tamper="OO"))
    links = [chip.tap(counter) for counter in range(1, 51)]
    results = at_once([lambda link=link: seen(link) for link in links])
    assert {status for status, _verdict in results} == {200}
    assert {verdict for _status, verdict in results} <= {"genuine", "replayed"}
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert kinds == {"tag.encoded_anew": 1, "seal.opened": 1}
    assert UnitFacts.objects.get().opened_at is not None
    tag = Tag.objects.get(pk=chip.tag.pk)
    assert (tag.key_version, tag.last_counter) == (1, 50)


@postgres
def test_fifty_who_scan_the_printed_code_at_once_are_all_counted(stage_set):
    from analytics.models import UnitActivity

    chip, _owners = stage_set
    at_once([lambda: seen(f"/q/{chip.tag.unit.public_code}")] * 50)
    activity = UnitActivity.objects.get()
    assert (activity.scans, activity.visitor_count) == (50, 8)


@postgres
def test_a_higher_and_a_lower_counter_at_once_leave_the_higher(stage_set):
    from analytics.models import Scan

    chip, _owners = stage_set
    for turn in range(10):
        low, high = chip.tap(turn * 2 + 1), chip.tap(turn * 2 + 2)
        results = at_once([lambda link=high: seen(link), lambda link=low: seen(link)])
        assert results[0] == (200, "genuine")
        assert results[1] in {(200, "genuine"), (200, "replayed")}
        chip.tag.refresh_from_db()
        assert chip.tag.last_counter == turn * 2 + 2
    genuine = Scan.objects.filter(verdict="genuine").values_list("counter", flat=True)
    assert len(set(genuine)) == len(genuine)


@postgres
def test_two_first_scans_at_once_are_both_kept(stage_set):
    from analytics.models import Scan, UnitActivity

    chip, _owners = stage_set
    code = chip.tag.unit.public_code
    assert at_once([lambda: seen(f"/q/{code}")] * 2) == [(200, "identified")] * 2
    assert Scan.objects.count() == 2
    activity = UnitActivity.objects.get()
    assert (activity.scans, activity.visitor_count) == (2, 2)


@postgres
def test_of_twenty_who_register_one_unit_at_once_one_is_its_owner(stage_set):
    import datetime as dt

    from analytics.models import Event, UnitFacts
    from ownership.errors import OwnershipError
    from ownership.models import Ownership
    from ownership.services import start_ownership

    chip, owners = stage_set
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    unit = chip.tag.unit
    results = at_once(
        [lambda owner=owner: start_ownership(unit=unit, owner=owner, since=now, now=now) for owner in owners]
    )
    won = [result for result in results if isinstance(result, Ownership)]
    refused = [result for result in results if isinstance(result, OwnershipError)]
    assert (len(won), len(refused)) == (1, 19), results
    assert {error.code for error in refused} == {"owned"}
    assert Ownership.objects.get() == won[0]
    assert UnitFacts.objects.get().owner_id == won[0].owner_id
    assert Event.objects.filter(kind="ownership.started").count() == 1


@postgres
def test_a_flag_raised_by_many_at_once_is_one_event(stage_set):
    import datetime as dt

    from analytics.kinds import Flag
    from analytics.models import Event
    from analytics.services import raise_flag

    chip, _owners = stage_set
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    results = at_once([lambda: raise_flag(chip.tag.unit, Flag.RECALL, now=now, actor_id=None)] * 10)
    assert Counter(results) == {True: 1, False: 9}
    assert Event.objects.count() == 1


@postgres
def test_its_mine_said_by_many_at_once_is_one_event(stage_set):
    from analytics.models import Event

    chip, _owners = stage_set
    untagged = factories.UnitFactory(product=chip.tag.unit.product)
    path = f"/u/{untagged.public_code}/mine/"
    results = at_once([lambda: Client().post(path).status_code] * 10)
    assert results == [302] * 10
    assert Event.objects.filter(kind="holder.spoke_up").count() == 1


def registering(unit, key: str, contact: str, *, holding: bool):
    """Return what came of registering: the registration and the device, or the error."""
    import datetime as dt

    from experiences.registering import register_unit
    from ownership.models.registrations import ContactKind, Proof
    from ownership.services.registrations import RegistrationForm

    form = RegistrationForm(key, ContactKind.EMAIL, contact, "Somebody", False, "en")
    proof = Proof.HOLDING if holding else Proof.CODE
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    return register_unit(unit_id=unit.pk, form=form, proof=proof, now=now)


@pytest.fixture
def covered(stage_set):
    """The unit of the stage set, at a brand with a coverage plan."""
    from warranty.models import CoveragePlan

    chip, _owners = stage_set
    CoveragePlan.objects.create(brand=chip.tag.brand, names={"en": "Two years"}, months=24)
    return chip.tag.unit


@postgres
def test_of_fifty_who_hold_and_register_one_unit_at_once_one_is_its_owner(covered):
    from analytics.models import Event
    from ownership.models import Ownership, Registration
    from products.models import Device, Person
    from warranty.models import Coverage

    results = at_once(
        [
            lambda n=n: registering(covered, f"{n:032x}", f"holder{n}@example.com", holding=True)
            for n in range(50)
        ]
    )
    refused = [getattr(result, "code", None) for result in results if isinstance(result, Exception)]
    assert refused == ["owned"] * 49, results
    ownership = Ownership.objects.get()
    assert ownership.owner.email == Registration.objects.get().contact
    for model in (Coverage, Device):
        assert model.objects.count() == 1
    assert Person.objects.filter(username__startswith="p-").count() == 1, "nothing is left of the others"
    assert Event.objects.filter(kind="ownership.started").count() == 1


@postgres
@pytest.mark.parametrize("holding", [True, False])
def test_one_form_sent_by_twenty_requests_at_once_is_one_registration(covered, holding):
    from analytics.models import Event
    from ownership.models import Owner, Ownership, Registration
    from warranty.models import Coverage

    owners = Owner.objects.count()
    results = at_once([lambda: registering(covered, "a" * 32, "alice@example.com", holding=holding)] * 20)
    assert {result.registration.pk for result in results} == {Registration.objects.get().pk}
    assert Owner.objects.count() == owners + 1
    assert Ownership.objects.count() == Coverage.objects.count() == (1 if holding else 0)
    assert Event.objects.filter(kind="registration.sent").count() == 1


@postgres
def test_one_code_confirmed_by_twenty_requests_at_once_makes_one_owner_and_one_coverage(covered):
    import datetime as dt

    from analytics.models import Event
    from experiences.models import Message
    from experiences.registering import finish_registration
    from ownership.models import Ownership, Registration
    from warranty.models import Coverage

    registration = registering(covered, "a" * 32, "alice@example.com", holding=False).registration
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    results = at_once(
        [lambda: finish_registration(registration_id=registration.pk, person=registration.person, now=now)]
        * 20
    )
    assert [type(result).__name__ for result in results] == ["Registered"] * 20, results
    assert Registration.objects.get().state == "confirmed"
    for model in (Ownership, Coverage, Message):
        assert model.objects.count() == 1
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert set(kinds.values()) == {1}


@postgres
def test_twenty_printed_codes_confirmed_at_once_leave_one_owner_and_nineteen_who_are_told(covered):
    import datetime as dt

    from experiences.registering import finish_registration
    from ownership.models import Ownership, Registration
    from warranty.models import Coverage

    waiting = [
        registering(covered, f"{n:032x}", f"reader{n}@example.com", holding=False).registration
        for n in range(20)
    ]
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    results = at_once(
        [
            lambda one=one: finish_registration(registration_id=one.pk, person=one.person, now=now)
            for one in waiting
        ]
    )
    states = Counter(Registration.objects.values_list("state", flat=True))
    assert states == {"confirmed": 1, "superseded": 19}, results
    assert Ownership.objects.count() == Coverage.objects.count() == 1
    assert sum(result.device is not None for result in results) == 1


@postgres
def test_registrations_confirmed_while_they_are_swept_are_one_or_the_other(covered):
    import datetime as dt

    from experiences.registering import finish_registration
    from ownership.models import Ownership, Registration
    from ownership.services.sweeping import forget_people, sweep_registrations
    from products.models import Person
    from warranty.models import Coverage

    units = [covered, *(factories.UnitFactory(product=covered.product) for _n in range(9))]
    waiting = [
        registering(unit, f"{n:032x}", f"reader{n}@example.com", holding=False).registration
        for n, unit in enumerate(units)
    ]
    later, none = dt.datetime(2027, 6, 15, 12, tzinfo=dt.UTC), dt.timedelta(0)
    confirmations = [
        lambda one=one: finish_registration(registration_id=one.pk, person=one.person, now=later)
        for one in waiting
    ]
    sweeps = [
        lambda: (
            sweep_registrations(now=later, kept_for=none), forget_people(now=later, kept_for=none)
        )
    ] * 5  # fmt: skip
    results = at_once([*confirmations, *sweeps])
    failed = [one for one in results if isinstance(one, Exception)]
    assert {type(one).__name__ for one in failed} <= {"OwnershipError"}, failed
    assert set(Registration.objects.values_list("state", flat=True)) <= {"confirmed"}
    confirmed = Registration.objects.count()
    assert Ownership.objects.count() == Coverage.objects.count() == Person.objects.count() == confirmed


@postgres
def test_one_persons_ten_units_confirmed_at_once_are_under_one_owner(covered):
    import datetime as dt

    from experiences.registering import finish_registration
    from ownership.models import Owner, Ownership

    person = factories.PersonFactory()
    units = [covered, *(factories.UnitFactory(product=covered.product) for _n in range(9))]
    waiting = [
        registering(unit, f"{n:032x}", "alice@example.com", holding=False).registration
        for n, unit in enumerate(units)
    ]
    now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    results = at_once(
        [
            lambda one=one: finish_registration(registration_id=one.pk, person=person, now=now)
            for one in waiting
        ]
    )
    assert [type(result).__name__ for result in results] == ["Registered"] * 10, results
    assert Owner.objects.filter(person=person).count() == 1
    assert Ownership.objects.filter(owner__person=person).count() == 10


SMALL = """
import django; django.setup()
from collections import Counter
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import factories
from tests.test_races import at_once, seen
from analytics.models import Scan, UnitActivity
from ownership.models import Ownership
from ownership.services import start_ownership
import datetime as dt
brand = factories.BrandFactory(slug="acme", name="Acme")
unit = factories.UnitFactory(product=factories.ProductFactory(brand=brand))
profile = factories.ChipProfileFactory(brand=brand, slug="acme-a")
chip = factories.put_chip_on(unit, profile)
link = chip.tap()
results = at_once([lambda: seen(link)] * 8)
assert Counter(results) == {(200, "genuine"): 1, (200, "replayed"): 7}, results
assert Counter(Scan.objects.values_list("verdict", flat=True)) == {"genuine": 1, "replayed": 7}
assert UnitActivity.objects.get().scans == 8
results = at_once([lambda: seen(f"/q/{unit.public_code}")] * 8)
assert set(results) == {(200, "identified")}, results
now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
owners = [factories.OwnerFactory(brand=brand) for _n in range(8)]
results = at_once([lambda o=o: start_ownership(unit=unit, owner=o, since=now, now=now) for o in owners])
assert sorted(getattr(r, "code", "won") for r in results) == ["owned"] * 7 + ["won"], results
assert Ownership.objects.count() == 1
from ownership.models import Registration
from tests.test_races import registering
unit = factories.UnitFactory(product=unit.product)
results = at_once([lambda n=n: registering(unit, f"{n:032x}", f"a{n}@example.com", holding=True) for n in range(8)])
assert sorted(getattr(r, "code", "won") for r in results) == ["owned"] * 7 + ["won"], results
unit = factories.UnitFactory(product=unit.product)
results = at_once([lambda: registering(unit, "b" * 32, "b@example.com", holding=False)] * 8)
assert len({r.registration.pk for r in results}) == 1, results
assert Registration.objects.filter(unit=unit).count() == 1
print("held")
"""


def test_on_sqlite_eight_at_once_wait_in_line(tmp_path):
    """One `genuine`, one owner, and never "database is locked", on a database file as `make run` has it."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "HEIRLOOM_TEST_DB": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", SMALL], cwd=Path(__file__).parents[1], env=environment,
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith("held\n")
    assert "database is locked" not in done.stderr


@postgres
def test_of_twenty_who_fetch_a_file_in_clear_at_once_one_gets_it(stage_set, settings, tmp_path):
    from django.utils import timezone

    from products.errors import ProductsError
    from products.models import AuditRow, EncodingOrder, PrivateFile
    from products.services.encoding import OrderRequest, fetch_order_file, order_encoding

    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    chip, _owners = stage_set
    person = factories.staff(chip.tag.brand, "boss", "brand_admin")
    wanted = OrderRequest(chip.tag.profile, uids=(bytes.fromhex("04aabbccddeeff"),))
    order_encoding(brand=chip.tag.brand, wanted=wanted, requested_by=person, now=timezone.now())

    def fetch():
        order = EncodingOrder.objects.select_related("file").get()
        try:
            return bool(fetch_order_file(order=order, actor=person, now=timezone.now()).content)
        except ProductsError as error:
            return error.code

    results = Counter(at_once([fetch] * 20))
    assert results.pop(True) == 1
    assert set(results) <= {"fetched", "gone"}
    assert AuditRow.objects.filter(action="encoding.fetched").count() == 1
    assert not PrivateFile.objects.exists()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@postgres
def test_two_results_that_put_one_chip_on_two_units_at_once_bind_it_once(stage_set):
    import io

    from django.utils import timezone

    from analytics.encoding import ResultImport, import_result
    from products.models import EncodingOrder, Tag

    chip, _owners = stage_set
    for number in range(40):
        factories.UnitFactory(product=chip.tag.unit.product, serial=f"R-{number}")
    order = EncodingOrder.objects.create(
        brand=chip.tag.brand,
        profile=chip.tag.profile,
        base_url="https://a.example/t/a",
        created_at=timezone.now(),
    )

    def report(first):
        rows = [f"R-{(first + number) % 40},04{number:012x}" for number in range(20)]
        task = ResultImport(order, lambda problem: None, timezone.now(), actor_id=None, source={})
        return import_result(io.BytesIO("\n".join(["serial,uid", *rows]).encode()), task)

    results = at_once([lambda: report(0), lambda: report(20), lambda: report(0), lambda: report(20)])
    assert sum(counts.bound for counts in results) == 20
    assert sum(counts.bad for counts in results) + sum(counts.unchanged for counts in results) == 60
    assert Tag.objects.filter(uid__startswith="0400000").count() == 20
