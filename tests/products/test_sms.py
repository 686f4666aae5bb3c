"""Text messages through a gateway: a real server on this machine says yes, no, nothing at all."""

import json
import logging
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ownership.models import Ownership, Registration
from products import sms
from products.sms import SmsError, send_sms
from tests.experiences.test_registering import form_of

NUMBER = "+33612345678"


class Gateway(BaseHTTPRequestHandler):
    """Keeps what it is given, and answers as it is told."""

    def do_POST(self):
        self.server.requests.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
        time.sleep(self.server.delay)
        if self.server.garbage:
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            return
        self.send_response(self.server.status)
        if self.server.status in (302, 307):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *args):
        pass


@pytest.fixture
def gateway(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.requests, server.status, server.delay, server.garbage = [], 202, 0, False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/send"
    settings.SMS_GATEWAY_TOKEN = "gateway-token"
    yield server
    server.shutdown()
    server.server_close()


def test_the_gateway_gets_number_and_text_as_json_with_our_token(gateway):
    send_sms(NUMBER, "Votre code, élégant: ABCD-EFGH")
    ((headers, body),) = gateway.requests
    assert json.loads(body) == {"to": NUMBER, "text": "Votre code, élégant: ABCD-EFGH"}
    assert headers["Authorization"] == "Bearer gateway-token"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 302, 307])
def test_any_answer_but_yes_is_a_refusal(gateway, status):
    gateway.status = status
    with pytest.raises(SmsError) as caught:
        send_sms(NUMBER, "Hello")
    assert caught.value.refused
    assert NUMBER not in str(caught.value)
    assert len(gateway.requests) == 1, "a redirect would carry the token away"


def test_a_gateway_that_does_not_answer_may_have_taken_it(gateway, monkeypatch):
    monkeypatch.setattr(sms, "TIMEOUT", 0.2)
    gateway.delay = 1
    with pytest.raises(SmsError) as caught:
        send_sms(NUMBER, "Hello")
    assert not caught.value.refused


def test_a_gateway_that_answers_nonsense_may_have_taken_it(gateway):
    gateway.garbage = True
    with pytest.raises(SmsError) as caught:
        send_sms(NUMBER, "Hello")
    assert not caught.value.refused


def test_a_gateway_that_is_not_there_took_nothing(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(SmsError) as caught:
        send_sms(NUMBER, "Hello")
    assert caught.value.refused


def test_a_mistyped_gateway_address_is_no_crash(settings):
    settings.SMS_GATEWAY_URL = "gateway.example"
    with pytest.raises(SmsError):
        send_sms(NUMBER, "Hello")


def register_by_phone(client, unit):
    form = form_of(client.get(f"/u/{unit.public_code}/register/")) | {"contact": "+33 6 12 34 56 78"}
    return form, client.post(f"/u/{unit.public_code}/register/", form)


@pytest.mark.django_db
def test_a_code_goes_to_the_telephone_and_makes_its_holder_the_owner(client, unit, gateway):
    """A9, C1: by printed code and text message."""
    _form, response = register_by_phone(client, unit)
    assert response.url == f"/u/{unit.public_code}/confirm/"
    code = json.loads(gateway.requests[0][1])["text"].split()[0]
    client.post(response.url, {"code": code}, follow=True)
    assert Ownership.objects.get(unit=unit).owner.phone == NUMBER


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["refusal", "silence"])
def test_a_text_message_that_can_not_be_sent_loses_nothing(client, unit, gateway, monkeypatch, caplog, fault):
    """C1: a sentence, what was typed, and the same registration when it is sent again; never a 500."""
    monkeypatch.setattr(sms, "TIMEOUT", 0.2)
    gateway.status, gateway.delay = (500, 0) if fault == "refusal" else (202, 1)
    with caplog.at_level(logging.DEBUG):
        form, response = register_by_phone(client, unit)
    assert response.status_code == 503
    page = response.content.decode()
    assert "We could not send the text message just now." in page
    assert 'value="+33 6 12 34 56 78"' in page
    assert "612345678" not in caplog.text
    assert json.loads(gateway.requests[0][1])["text"].split()[0] not in caplog.text
    gateway.status, gateway.delay = 202, 0
    response = client.post(f"/u/{unit.public_code}/register/", form)
    assert response.url == f"/u/{unit.public_code}/confirm/"
    assert Registration.objects.count() == 1
