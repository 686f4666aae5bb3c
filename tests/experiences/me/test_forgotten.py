"""C9: whoever lived with a piece through the pages, and is forgotten, is found nowhere: tables, cache, mail, files."""

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from analytics.models import Event
from experiences.tasks import run_due_data_requests
from ownership.models import DataRequest, FinderMessage, IdentityRequest, LossReport, Purchase, Transfer
from products.models import PrivateFile
from tests.experiences import test_identities, test_losses, test_purchases
from tests.experiences.me.test_details import add, save
from tests.experiences.me.test_entering import ALICE
from tests.experiences.test_identities import drill  # noqa: F401
from tests.ownership.test_data_requests import traces_of

pytestmark = pytest.mark.django_db

NAMED = ("Quill", "quill", ALICE)  # hers: in her name, her addresses, and in whatever she types


@pytest.fixture
def lived(owner, at_acme, unit, drill, settings, tmp_path, django_capture_on_commit_callbacks) -> Client:  # noqa: F811
    """Alice's browser: she changed her address and did all that an owner can type something in."""
    with django_capture_on_commit_callbacks(execute=True):
        add(owner, "alexandra.quill@person.example")
        old, new = EmailAddress.objects.order_by("pk")
        save(owner, at_acme, name="Alexandra Quill", address=f"email-{new.pk}")
        owner.post("/me/details/address/remove/", {"address": f"email-{old.pk}"})
        assert not EmailAddress.objects.filter(email=ALICE).exists()
        test_identities.ask(owner, drill, email="alexandra.quill@person.example", note="My aunt Quill's")
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(test_identities.mailed_link())
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.OUTBOX_DIR = settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    with django_capture_on_commit_callbacks(execute=True):
        test_purchases.buy(owner, unit, b"%PDF-1.4 receipt of Mrs Quill %%EOF", seller="Quill's corner shop")
        test_losses.report(owner, unit, words="Call Quill", police_reference="PV-Quill")
        test_losses.find(test_losses.browser(), unit, words="Is this yours, Mrs Quill?")
        thread = FinderMessage.objects.get().thread_id
        owner.post(f"/u/{unit.public_code}/lost/{thread}/", {"words": "I am Alexandra Quill"})
        owner.post(f"/u/{unit.public_code}/lost/ended/")
        owner.post(f"/u/{unit.public_code}/transfer/", {"kind": "sale", "recipient": "dora@person.example"})
        owner.post(f"/u/{unit.public_code}/transfer/cancel/")
        owner.post("/me/data/", {"owner": at_acme.pk})
    return owner


def mails(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file()).lower()


def test_who_is_forgotten_is_found_nowhere(lived, at_acme, tmp_path, django_capture_on_commit_callbacks):
    for model in (Purchase, LossReport, Transfer, IdentityRequest, DataRequest):
        assert model.objects.exists(), f"she left something in {model.__name__}"
    assert traces_of("Quill")
    assert "quill" in mails(tmp_path / "outbox")
    files = [f"{file.brand_id}/{file.name}" for file in PrivateFile.objects.all()]
    assert len(files) == 3, "a receipt, a proof and an archive"
    lived.post(f"/me/forget/{at_acme.pk}/")
    with (
        time_machine.travel(timezone.now() + dt.timedelta(days=15)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        run_due_data_requests()
    assert Event.objects.filter(kind="owner.erased").exists()
    assert traces_of(*NAMED) == []
    assert "quill" not in mails(tmp_path / "outbox")
    assert not any(default_storage.exists(name) for name in files)
