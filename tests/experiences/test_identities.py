"""C11: the holder of an older piece without a code asks for one; the answer tells nothing, the identity proves nothing."""

import io
import re
import uuid

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from analytics.kinds import EventKind
from analytics.models import Event
from experiences import identities
from experiences.identities import approve_request, refuse_request
from experiences.models import Message
from ownership.models import IdentityRequest
from ownership.services import identities as services
from products.models import PrivateFile, Product, Tag, Unit
from products.services.files import open_private_file
from tests import factories
from tests.experiences.test_french import assert_french
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db


class Browser(Client):
    """A client whose requests are committed: letters leave."""

    def request(self, **request):
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


@pytest.fixture
def client():
    return Browser()


def committed(service, **what):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return service(**what)


def picture(size=(80, 60), kind="JPEG", **extra) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#884422").save(out, kind, **extra)
    return out.getvalue()


def photo(data: bytes | None = None, name="plate.jpg", kind="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if data is None else data, kind)


@pytest.fixture
def drill(acme) -> Product:
    """An older model of one GTIN, on whose requests staff decide."""
    product = factories.ProductFactory(
        brand=acme,
        model_number="D-18",
        names={"en": "Drill", "fr": "Perceuse"},
        serial_place={"en": "Under the motor"},
        uncoded_rule="approval",
        is_archived=True,
    )
    factories.TradeItemFactory(product=product)
    return product


@pytest.fixture
def mixer(acme) -> Product:
    """An older model whose serial numbers tell themselves."""
    product = factories.ProductFactory(
        brand=acme, names={"en": "Mixer"}, uncoded_rule="pattern", uncoded_pattern="K7-[0-9]{6}"
    )
    factories.TradeItemFactory(product=product)
    return product


def typed(model, **changes) -> dict:
    return {
        "product": model.pk,
        "serial": "D18-000123",
        "email": "holder@example.com",
        "note": "",
        "submission_key": uuid.uuid4().hex,
        "proof": photo(),
        **changes,
    }


def ask(client, model, **changes):
    return client.post(f"/find/{model.brand.slug}/no-code/", typed(model, **changes))


def mailed_link(number: int = -1) -> str:
    """Return the path of the request's page as the last mail names it."""
    found = [re.search(r"/request/[0-9a-z]+/", sent.body) for sent in mail.outbox]
    return [match.group() for match in found if match][number]


def asked_and_confirmed(product, client=None, **changes) -> IdentityRequest:
    client = client or Browser()
    assert ask(client, product, **changes).status_code == 302
    assert client.post(mailed_link()).status_code == 302
    return IdentityRequest.objects.latest("pk")


# --- Asking ------------------------------------------------------------------------------------
def test_the_way_begins_where_a_serial_number_is_typed(client, drill, globex):
    assert reverse("ask_identity", args=["acme"]) in client.get("/find/acme/").content.decode()
    assert "no code" not in text_of(client.get("/find/globex/"))
    everywhere = client.get("/find/").content.decode()
    assert reverse("no_code") in everywhere
    assert client.get("/find/no-code/").headers["Location"] == "/find/acme/no-code/"
    Product.objects.filter(pk=drill.pk).update(uncoded_rule="closed")
    assert "no code" not in text_of(client.get("/find/"))


def test_houses_are_offered_by_name_where_several_take_requests(client, drill, globex):
    factories.ProductFactory(brand=globex, uncoded_rule="approval")
    page = client.get("/find/no-code/")
    assert [name for name, _url in page.context["page"].houses] == ["Acme", "Globex"]


def test_the_form_offers_the_brands_own_open_models_and_says_where_the_serial_stands(
    client, drill, mixer, globex
):
    factories.ProductFactory(brand=globex, names={"en": "Rival"}, uncoded_rule="approval")
    factories.ProductFactory(brand=drill.brand, names={"en": "Closed"})
    page = client.get("/find/acme/no-code/")
    text = text_of(page)
    assert "Drill · D-18" in text
    assert "Mixer" in text
    assert "Under the motor" in text
    assert "Rival" not in text
    assert "Closed" not in text


def test_a_house_that_takes_none_says_so(client, globex):
    page = client.get("/find/globex/no-code/")
    assert page.status_code == 200
    assert "gives no codes to older pieces now" in text_of(page)
    assert client.post("/find/globex/no-code/", {"product": 1}).status_code == 200
    assert client.get("/find/nobody/no-code/").status_code == 404


def test_a_request_waits_for_its_address(client, drill):
    sent = ask(client, drill)
    assert sent.headers["Location"] == "/find/acme/no-code/sent/"
    request = IdentityRequest.objects.get()
    assert (request.state, request.serial, request.email) == (
        "unconfirmed",
        "D18-000123",
        "holder@example.com",
    )
    assert "holder@example.com" in text_of(client.get(sent.headers["Location"]))
    assert [message.to for message in mail.outbox] == [["holder@example.com"]]
    assert mailed_link() == f"/request/{request.code}/"
    assert not Unit.objects.exists()
    assert set(Event.objects.values_list("kind", flat=True)) == {EventKind.MESSAGE_SENT}


def test_opening_the_mail_changes_nothing_the_button_sends_the_request(client, drill):
    ask(client, drill)
    link = mailed_link()
    assert "Confirm your address" in text_of(Browser().get(link))
    assert Browser().head(link).status_code == 200
    assert IdentityRequest.objects.get().state == "unconfirmed"
    Browser().post(link)
    request = IdentityRequest.objects.get()
    assert request.state == "waiting"
    assert request.confirmed_at
    assert "Acme has your request" in text_of(client.get(link))
    event = Event.objects.get(kind=EventKind.IDENTITY_REQUESTED)
    assert event.data == {"request": request.pk, "product": drill.pk}
    Browser().post(link)
    assert Event.objects.filter(kind=EventKind.IDENTITY_REQUESTED).count() == 1


def test_the_same_form_twice_is_one_request_and_one_file(client, drill):
    form = typed(drill)
    client.post("/find/acme/no-code/", form)
    client.post("/find/acme/no-code/", {**form, "proof": photo()})
    assert IdentityRequest.objects.count() == 1
    assert PrivateFile.objects.count() == 1


def test_a_corrected_form_is_another_request_and_comes_prefilled(client, drill):
    form = typed(drill, note="Bought in Lyon")
    client.post("/find/acme/no-code/", form)
    page = client.get("/find/acme/no-code/").content.decode()
    assert "D18-000123" in page
    assert "Bought in Lyon" in page
    client.post("/find/acme/no-code/", {**form, "serial": "D18-000124", "proof": photo()})
    assert sorted(IdentityRequest.objects.values_list("serial", flat=True)) == ["D18-000123", "D18-000124"]
    other = Browser().get("/find/acme/no-code/").content.decode()
    assert "Bought in Lyon" not in other


def test_who_waits_already_gets_the_same_answer_and_no_second_request(client, drill):
    asked_and_confirmed(drill)
    mail.outbox.clear()
    again = ask(client, drill)
    assert again.headers["Location"] == "/find/acme/no-code/sent/"
    assert IdentityRequest.objects.count() == 1
    assert mail.outbox == []


def test_two_requests_confirmed_one_after_the_other_leave_one_waiting(drill):
    ask(Browser(), drill)
    ask(Browser(), drill)
    first, second = mailed_link(0), mailed_link(1)
    assert first != second
    Browser().post(first)
    answer = Browser().post(second)
    assert answer.headers["Location"] == first
    assert IdentityRequest.objects.waiting().count() == 1


def test_the_answer_is_the_same_for_a_serial_that_is_known_and_one_that_is_registered(drill, alice):
    """Nothing can be learnt by trying: only staff see that the piece is known."""
    known = factories.UnitFactory(product=drill, serial="D18-000777")
    factories.own(known, alice, timezone.now())
    answers = []
    for serial in ("D18-000123", "D18-000777"):
        client = Browser()
        sent = ask(client, drill, serial=serial)
        link = mailed_link()
        pages = [client.get(sent.headers["Location"]), client.post(link), client.get(link)]
        texts = [text_of(page).replace(serial, "SERIAL") for page in (pages[0], pages[2])]
        answers.append([sent.status_code, [page.status_code for page in pages], texts])
    assert answers[0] == answers[1]


# --- The pattern -------------------------------------------------------------------------------
def test_a_serial_that_fits_the_pattern_gets_its_identity_once_the_address_is_confirmed(client, mixer):
    ask(client, mixer, serial="K7-004211")
    assert not Unit.objects.exists()
    client.post(mailed_link())
    unit = Unit.objects.get()
    assert (unit.serial, unit.trade_item.product, unit.identity_given_on) == (
        "K7-004211",
        mixer,
        timezone.now().date(),
    )
    assert Tag.objects.get().kind == "qr"
    request = IdentityRequest.objects.get()
    assert (request.state, request.unit, request.decided_by_id) == ("approved", unit, None)
    told = Event.objects.filter(kind__startswith="identity").order_by("id").values_list("kind", "unit_id")
    assert list(told) == [("identity.requested", None), ("identity.given", unit.pk)]
    page = client.get(f"/q/{unit.public_code}")
    assert main_attributes(page)["authenticity"] == "identified"
    assert unit.public_code in mail.outbox[-1].body


def test_small_letters_are_taken_as_the_pattern_writes_them(mixer):
    asked_and_confirmed(mixer, serial="k7-004211")
    assert Unit.objects.get().serial == "K7-004211"


@pytest.mark.parametrize("serial", ["K7-42", "K7-0042111", "X", "K7-00421A"])
def test_what_does_not_fit_waits_for_staff(mixer, serial):
    assert asked_and_confirmed(mixer, serial=serial).state == "waiting"
    assert not Unit.objects.exists()


@pytest.mark.parametrize("known", ["K7-004211", "k7-004211", "K7-OO4211", "K7-0042I1"])
def test_a_known_serial_or_one_that_looks_like_it_waits_for_staff(mixer, known):
    factories.UnitFactory(product=mixer, serial=known)
    assert asked_and_confirmed(mixer, serial="K7-004211").state == "waiting"
    assert Unit.objects.count() == 1


def test_of_several_gtins_staff_choose_and_without_one_nothing_is_made(mixer):
    factories.TradeItemFactory(product=mixer)
    assert asked_and_confirmed(mixer, serial="K7-000001").state == "waiting"
    mixer.trade_items.all().delete()
    assert asked_and_confirmed(mixer, serial="K7-000002").state == "waiting"


def test_where_an_import_makes_the_unit_at_that_moment_staff_decide(client, mixer, monkeypatch):
    item = mixer.trade_items.get()
    factories.UnitFactory(product=mixer, trade_item=item, serial="K7-000123")
    monkeypatch.setattr(services, "_by_pattern", lambda *_seen_before_the_import: ("K7-000123", item))
    asked = asked_and_confirmed(mixer, client, serial="K7-000123")
    assert (asked.state, asked.unit) == ("waiting", None)
    assert Event.objects.filter(kind=EventKind.IDENTITY_REQUESTED).count() == 1
    assert Unit.objects.filter(product=mixer).count() == 1


def test_a_pattern_gives_so_many_a_day_and_no_more(mixer, monkeypatch):
    monkeypatch.setattr(services, "BY_PATTERN_A_DAY", 2)
    states = [asked_and_confirmed(mixer, serial=f"K7-00000{number}").state for number in range(3)]
    assert states == ["approved", "approved", "waiting"]


# --- Bad input ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"product": ""}, "product", "Choose the model."),
        ({"product": "999999"}, "product", "not in the list"),
        ({"product": "x"}, "product", "not in the list"),
        ({"serial": ""}, "serial", "Type the serial number."),
        ({"serial": "D18 000123"}, "serial", "no spaces"),
        ({"serial": "Ｄ18-000123"}, "serial", "plain letters"),
        ({"serial": "D18-00012\u0663"}, "serial", "plain letters"),
        ({"serial": "D18\u200b-000123"}, "serial", "plain letters"),
        ({"serial": "\u0414\u0031\u0038"}, "serial", "plain letters"),
        ({"serial": "1" * 21}, "serial", "at most 20"),
        ({"serial": "9" * 500}, "serial", "at most 20"),
        ({"serial": ".."}, "serial", "plain letters"),
        ({"email": ""}, "email", "need an e-mail"),
        ({"email": "holder"}, "email", "looks like name@example.com"),
        ({"email": "hоlder@example.com"}, "email", "looks like name@example.com"),
        ({"email": "+33612345678"}, "email", "Type an e-mail address"),
        ({"email": "a@b\r\nBcc: x@y.example"}, "email", "looks like name@example.com"),
        ({"note": "x" * 1001}, "note", "1,000 characters"),
    ],
)
def test_bad_input_gets_its_own_sentence_and_nothing_typed_is_lost(client, drill, changes, field, words):
    answer = ask(client, drill, **{"note": "From my uncle", **changes})
    assert answer.status_code == 400
    assert words in str(answer.context["page"].form.errors[field])
    assert set(answer.context["page"].form.errors) == {field}
    body = answer.content.decode()
    assert (changes.get("note") or "From my uncle") in body
    assert "Only the file has to be chosen again" in text_of(answer)
    assert not IdentityRequest.objects.exists()
    assert not PrivateFile.objects.exists()
    assert mail.outbox == []


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 200
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (HEIC, "neither a photograph nor a PDF"),
        (SVG, "neither a photograph nor a PDF"),
        (b"<html><script>alert(1)</script>", "neither a photograph nor a PDF"),
        (b"MZ" + b"\x00" * 300, "neither a photograph nor a PDF"),
        (picture()[:200], "damaged or incomplete"),
        (b"%PDF-1.7 cut off", "damaged or incomplete"),
    ],
)
def test_a_file_that_is_no_proof_is_refused_in_words(client, drill, data, words):
    answer = ask(client, drill, proof=photo(data))
    assert answer.status_code == 400
    assert words in str(answer.context["page"].form.errors["proof"])
    assert not PrivateFile.objects.exists()


def test_a_file_is_needed_and_a_huge_one_is_refused_before_it_is_read(client, drill, monkeypatch):
    form = typed(drill)
    del form["proof"]
    answer = client.post("/find/acme/no-code/", form)
    assert "Choose a photograph" in str(answer.context["page"].form.errors["proof"])
    assert "Only the file has to be chosen again" not in text_of(answer)
    monkeypatch.setattr("experiences.proofs.MAX_BYTES", 1000)
    answer = ask(client, drill, proof=photo(picture() + b"\0" * 1000))
    assert "larger than" in str(answer.context["page"].form.errors["proof"])
    monkeypatch.setattr("experiences.proofs.MAX_PDF_BYTES", 10)
    answer = ask(client, drill, proof=photo(PDF))
    assert "larger than" in str(answer.context["page"].form.errors["proof"])


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(client, drill):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    answer = ask(client, drill, proof=photo(out.getvalue()))
    assert "megapixels" in str(answer.context["page"].form.errors["proof"])


def test_a_photograph_is_kept_without_its_metadata_and_what_was_appended(client, drill):
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    data = picture((3000, 2000), exif=exif) + b"<script>alert(1)</script>"
    assert ask(client, drill, proof=photo(data)).status_code == 302
    file = PrivateFile.objects.get()
    stored = open_private_file(file).read()
    assert (file.content_type, file.original_name, file.purpose) == (
        "image/webp",
        "proof.webp",
        "identity_proof",
    )
    assert Image.open(io.BytesIO(stored)).size == (2400, 1600)
    assert b"Taken at home" not in stored
    assert b"<script>" not in stored


def test_a_pdf_receipt_is_kept_as_it_is(client, drill):
    assert ask(client, drill, proof=photo(PDF, "../../receipt of Alice.pdf", "text/html")).status_code == 302
    file = PrivateFile.objects.get()
    assert (file.content_type, file.original_name) == ("application/pdf", "proof.pdf")
    assert open_private_file(file).read() == PDF


def test_a_rivals_model_can_not_be_asked_for_here(client, drill, globex):
    rival = factories.ProductFactory(brand=globex, uncoded_rule="approval")
    answer = client.post("/find/acme/no-code/", typed(drill, product=rival.pk))
    assert "not in the list" in str(answer.context["page"].form.errors["product"])


def test_a_form_without_its_token_is_refused(drill):
    assert ask(Browser(enforce_csrf_checks=True), drill).status_code == 403


def test_a_model_closed_while_the_form_was_filled_in_is_said(client, drill, mixer):
    form = typed(drill)
    Product.objects.filter(pk=drill.pk).update(uncoded_rule="closed")
    answer = client.post("/find/acme/no-code/", form)
    assert answer.status_code == 400
    assert "not in the list any more" in text_of(answer)


def test_requests_are_limited_by_visitor_and_by_address(drill):
    for number in range(identities.PER_EMAIL.most):
        answer = ask(Browser(REMOTE_ADDR=f"192.0.2.{number}"), drill, serial=f"S-{number}")
        assert answer.status_code == 302
    refused = ask(Browser(REMOTE_ADDR="192.0.2.99"), drill, serial="S-99")
    assert refused.status_code == 429
    assert "What you typed is still there" in text_of(refused)
    assert "S-99" in refused.content.decode()
    for number in range(identities.PER_VISITOR.most):
        ask(Browser(REMOTE_ADDR="198.51.100.1"), drill, serial=f"T-{number}", email=f"h{number}@example.com")
    refused = ask(Browser(REMOTE_ADDR="198.51.100.1"), drill, serial="T-99", email="h99@example.com")
    assert refused.status_code == 429
    assert len(mail.outbox) == identities.PER_EMAIL.most + identities.PER_VISITOR.most


def test_the_mail_is_sent_again_on_request_within_limits(client, drill):
    ask(client, drill)
    sent = "/find/acme/no-code/sent/"
    for _time in range(identities.PER_EMAIL.most - 1):
        assert client.post(sent).status_code == 302
    refused = client.post(sent)
    assert refused.status_code == 429
    assert len(mail.outbox) == identities.PER_EMAIL.most
    assert Browser().get(sent).headers["Location"] == "/find/acme/no-code/"


def test_a_guessed_request_is_a_page_that_is_not_there(client, drill):
    for code in ("0" * 20, "x", "%00", "a" * 500):
        assert client.get(f"/request/{code}/").status_code == 404
        assert client.post(f"/request/{code}/").status_code == 404


# --- The answer --------------------------------------------------------------------------------
def test_the_holder_gets_page_and_sheet_and_registers_as_usual(client, drill, sam):
    request = asked_and_confirmed(drill)
    committed(
        approve_request, request_id=request.pk, trade_item=drill.trade_items.get(), serial="D18-000123", sold_on=None,
        now=timezone.now(), actor_id=sam.pk,
    )  # fmt: skip
    unit = Unit.objects.get()
    letter = mail.outbox[-1]
    assert letter.to == ["holder@example.com"]
    assert f"/u/{unit.public_code}/" in letter.body
    assert f"/u/{unit.public_code}/code.pdf" in letter.body
    page = client.get(f"/request/{request.code}/")
    assert f"/u/{unit.public_code}/code/" in page.content.decode()
    sheet = client.get(f"/u/{unit.public_code}/code/")
    assert "D18-000123" in text_of(sheet)
    assert "<svg" in sheet.content.decode()
    assert "holder" not in sheet.content.decode()
    pdf = client.get(f"/u/{unit.public_code}/code.pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert client.get("/u/00000000000000000000/code/").status_code == 404
    registering = client.get(f"/u/{unit.public_code}/register/")
    assert registering.status_code == 200
    assert "so a code to your address comes first" in text_of(registering)


def test_a_refusal_says_why_in_the_holders_language(client, drill, sam):
    ask(Browser(HTTP_ACCEPT_LANGUAGE="fr"), drill)
    client.post(mailed_link())
    request = IdentityRequest.objects.get()
    assert request.locale == "fr"
    committed(
        refuse_request,
        request_id=request.pk,
        reason="Numéro illisible & <flou>.",
        now=timezone.now(),
        actor_id=sam.pk,
    )
    letter = mail.outbox[-1]
    assert "Numéro illisible & <flou>." in letter.body
    assert "Numéro illisible &amp; &lt;flou&gt;." in letter.alternatives[0].content
    page = client.get(mailed_link(0))
    assert "Numéro illisible &amp; &lt;flou&gt;." in page.content.decode()
    assert not Unit.objects.exists()


def test_letters_are_sent_once_and_not_after_the_answer(drill, sam):
    request = asked_and_confirmed(drill)
    mail.outbox.clear()
    late = Message.objects.get(kind="identity_asked")
    Message.objects.filter(pk=late.pk).update(state="waiting")
    from experiences.messages import send_message

    assert send_message(message_id=late.pk, now=timezone.now()) == "failed"
    late.refresh_from_db()
    assert (late.problem, mail.outbox) == ("answered", [])
    committed(refuse_request, request_id=request.pk, reason="No.", now=timezone.now(), actor_id=sam.pk)
    assert len(mail.outbox) == 1


def test_every_page_and_letter_speaks_french(drill, mixer, globex):
    """Not a word of English is left on the way from the house to the sheet."""
    factories.ProductFactory(brand=globex, uncoded_rule="approval")
    reader = Browser(HTTP_ACCEPT_LANGUAGE="fr")
    assert_french(reader.get("/find/no-code/"))
    assert_french(reader.get("/find/acme/no-code/"))
    assert_french(reader.post("/find/acme/no-code/", typed(drill, serial="D 1", email="x", proof=photo(SVG))))
    ask(reader, mixer, serial="K7-004211")
    assert_french(reader.get("/find/acme/no-code/sent/"))
    link = mailed_link()
    assert_french(reader.get(link))
    reader.post(link)
    assert_french(reader.get(link))
    assert_french(reader.get(f"/u/{Unit.objects.get().public_code}/code/"))
    ask(reader, drill)
    reader.post(mailed_link())
    assert_french(reader.get(mailed_link(-1)))
    letters = [letter.subject for letter in mail.outbox]
    assert letters[0] == "Votre demande de code pour Mixer"
    assert letters[1] == "Le code de Mixer"
