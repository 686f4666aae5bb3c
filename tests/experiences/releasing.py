"""What the tests of release and dispute share: an owner who can be written to, a claimant's browser, the letters."""

import io
import re
import uuid

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from PIL import Image

from ownership.models import Owner, ReleaseRequest
from products.models import Unit
from tests import factories

ALICE = "alice@example.com"
CARL = "carl@example.net"
WORDS = "I paid it in cash at the flea market"


class Browser(Client):
    """A client whose requests are committed: letters leave."""

    def request(self, **request):
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


def picture(colour: str = "#884422") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, "JPEG")
    return out.getvalue()


def photo(colour: str = "#884422", name: str = "receipt.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(colour), "image/jpeg")


def reachable(owner: Owner) -> Owner:
    """Let the owner have a person who confirmed the address that the brand writes to."""
    owner.person = factories.PersonFactory()
    owner.save()
    EmailAddress.objects.create(user=owner.person, email=owner.email, primary=True, verified=True)
    return owner


def ask_path(unit: Unit) -> str:
    return f"/u/{unit.public_code}/release/"


def asked(browser: Client, unit: Unit, **typed):
    """Send the form, as it stands on its page, and return the answer."""
    values = {
        "ground": "bought_used", "contact": CARL, "name": "Carl", "statement": WORDS,
        "submission_key": uuid.uuid4().hex, **typed,
    }  # fmt: skip
    return browser.post(ask_path(unit), values)


def link_to(address: str, number: int = -1) -> str:
    """Return the path of the private link in the last letter to this address."""
    bodies = [sent.body for sent in mail.outbox if sent.to == [address]]
    found = [
        match.group(1) for body in bodies if (match := re.search(r"https?://[^/\s]+(/release/\S+)", body))
    ]
    return found[number]


def opened(browser: Client, unit: Unit, **typed) -> tuple[ReleaseRequest, str]:
    """Ask and confirm; return the request and the path of the claimant's page."""
    answer = asked(browser, unit, **typed)
    assert answer.status_code == 302, answer.content.decode()
    path = link_to(str(typed.get("contact", CARL)))
    assert browser.post(path, {"do": "confirm"}).status_code == 302
    return ReleaseRequest.objects.latest("id"), path


def owners_path(release: ReleaseRequest) -> str:
    return f"/release/{release.owner_code}/"
