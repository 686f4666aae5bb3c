"""The outbox page: for whoever tries the product on their own machine, and for nobody else."""

import os
import re

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from experiences import outbox
from products.sms import send_sms
from tests.reading import filled_form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings, tmp_path, client):
    """An installation without a mail server, and its own machine's browser."""
    client.defaults["HTTP_HOST"] = "127.0.0.1:8000"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.OUTBOX_DIR = settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    return settings.OUTBOX_DIR


def send(subject: str, text: str = "A text.", html: str = "") -> None:
    message = EmailMultiAlternatives(subject, text, to=["alice@example.com"])
    if html:
        message.attach_alternative(html, "text/html")
    message.send()


def codes_on(page) -> list[str]:
    """The codes that the page sets in large letters."""
    return re.findall(r'<h2><strong class="code" dir="ltr">([^<]+)</strong></h2>', page.content.decode())


def date_files(box) -> None:
    """Give the files of this second the times at which they would have been written."""
    for second, path in enumerate(sorted(box.iterdir(), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, (1_790_000_000 + second, 1_790_000_000 + second))


def test_the_code_of_a_registration_is_read_in_the_outbox_and_works(client, unit, box):
    """A9: without a mail server, somebody who runs the product here still gets their code."""
    page = client.get(f"/u/{unit.public_code}/register/")
    response = client.post(f"/u/{unit.public_code}/register/", filled_form(page))
    page = client.get("/outbox/")
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    client.post(response.url, {"code": codes_on(page)[0]}, follow=True)
    assert 'data-viewer="owner"' in client.get(f"/u/{unit.public_code}/").content.decode()
    assert mail.outbox == []


def test_the_newest_comes_first_and_text_messages_name_their_number(client, box):
    send("The first")
    send("The second")
    send_sms("+33612345678", "ABCD-EFGH is your code for Acme.")
    date_files(box)
    response = client.get("/outbox/")
    page = text_of(response)
    assert codes_on(response) == ["ABCD-EFGH"]
    assert page.index("ABCD-EFGH is your code") < page.index("The second") < page.index("The first")
    assert "Text message · +33612345678" in page


def test_an_empty_outbox_says_what_comes_there(client, box):
    assert "Register a piece, and its code comes here." in text_of(client.get("/outbox/"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_speaks_a_language(client, box, language):
    assert f'<html lang="{language}"' in client.get(f"/outbox/?lang={language}").content.decode()


def test_the_html_of_a_mail_is_served_in_a_sandbox(client, box):
    """Nothing in it runs or loads, whatever stands in it."""
    send("Styled", html='<p style="color:red">Hello</p><script>alert(1)</script>')
    page = client.get("/outbox/").content.decode()
    assert "alert(1)" not in page
    response = client.get(re.search(r'href="(/outbox/[^"]+/)"', page).group(1))
    assert '<p style="color:red">Hello</p>' in response.content.decode()
    policy = response["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "style-src 'unsafe-inline'"} <= set(policy)
    assert "script" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_what_a_mail_holds_is_shown_as_text(client, box):
    send("<b>bold</b>", text="<script>alert(2)</script> https://example.com/x")
    page = client.get("/outbox/").content.decode()
    assert "<b>bold</b>" not in page
    assert "<script>alert(2)" not in page


def test_mails_of_one_file_are_all_shown(client, box):
    """Django's file backend may put two mails of one second into one file."""
    send("One")
    (path,) = box.iterdir()
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"One", b"Two"))
    page = text_of(client.get("/outbox/"))
    assert page.index("Two") < page.index("One")


@pytest.mark.parametrize("name", ["..", "../../etc/passwd", "nothing-0", "%2e%2e%2fsettings"])
def test_no_other_file_is_served(client, box, name):
    send("One", html="<p>One</p>")
    (box.parent / "settings.log").write_text("Subject: secret\n\nsecret")
    assert client.get(f"/outbox/{name}/").status_code == 404


def test_the_newest_two_hundred_are_kept(box):
    box.mkdir()
    for number in range(outbox.KEPT + 5):
        path = box / f"20260101-000000-{number}.log"
        path.write_bytes(b"Subject: x\n\nx\n")
        os.utime(path, (1_790_000_000 + number, 1_790_000_000 + number))
    assert outbox.prune_outbox() == 5
    names = {path.stem.rsplit("-", 1)[1] for path in box.iterdir()}
    assert names == {str(number) for number in range(5, outbox.KEPT + 5)}
    assert len(outbox.read_outbox()) == outbox.KEPT


@pytest.mark.parametrize(
    "base_url", ["https://care.example.com", "http://192.168.1.20:8000", "http://127.0.0.1.example.com"]
)
@pytest.mark.parametrize("path", ["/outbox/", "/outbox/x-0/"])
def test_an_installation_that_others_reach_has_no_outbox_page(client, box, settings, base_url, path):
    send("A code", text="ABCD-EFGH", html="<p>ABCD-EFGH</p>")
    settings.PUBLIC_BASE_URL = base_url
    response = client.get(path)
    assert response.status_code == 404
    assert "ABCD-EFGH" not in response.content.decode()


@pytest.mark.parametrize("path", ["/outbox/", "/outbox/x-0/"])
def test_an_installation_with_a_mail_server_has_no_outbox_page(client, box, settings, path):
    settings.OUTBOX_DIR = None
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("base_url", ["http://localhost:8000", "http://[::1]:8000", "http://127.0.0.2"])
def test_this_machine_has_many_names(client, box, settings, base_url):
    settings.PUBLIC_BASE_URL = base_url
    assert client.get("/outbox/").status_code == 200


def test_a_server_that_listens_on_the_network_shows_its_outbox_to_its_own_machine_alone(client, box):
    send("A code")
    assert client.get("/outbox/", REMOTE_ADDR="127.0.0.1").status_code == 200
    name = outbox.read_outbox()[0].name
    for path in ("/outbox/", f"/outbox/{name}/"):
        assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.parametrize("host", ["localhost:8000", "[::1]:8000", "127.0.0.1", "brand.localhost"])
def test_the_address_bar_may_name_this_machine_in_many_ways(client, box, host):
    assert client.get("/outbox/", HTTP_HOST=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:8000", "127.0.0.1.example.com", "192.0.2.7"]
)
def test_a_strangers_name_that_points_to_this_machine_opens_nothing(client, box, host):
    """DNS rebinding: the browser sits here, but the page that asks is somebody else's."""
    send("A code", text="ABCD-EFGH", html="<p>ABCD-EFGH</p>")
    name = outbox.read_outbox()[0].name
    for path in ("/outbox/", f"/outbox/{name}/"):
        answer = client.get(path, HTTP_HOST=host, REMOTE_ADDR="127.0.0.1")
        assert answer.status_code == 404
        assert "ABCD-EFGH" not in answer.content.decode()
