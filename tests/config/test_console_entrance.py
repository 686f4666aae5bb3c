"""Who gets into the console: a password and a second factor, asked for by allauth (G4)."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"


def post_password(client: Client, username: str, password: str = factories.PASSWORD):
    return client.post(
        reverse("account_login"), {"login": username, "password": password, "next": "/console/"}
    )


def repeat_password(client: Client) -> None:
    """Before a second factor is added, the password is asked for once more."""
    answer = client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    assert answer.status_code == 302


def test_the_console_sends_a_stranger_to_the_log_in_and_back(client):
    answer = client.get("/console/products/unit/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert 'name="next" value="/console/products/unit/"' in answer.content.decode()
    assert '<html lang="en"' in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_way_to_a_new_password_stands_on_the_log_in_page_once(client, language):
    page = client.get(reverse("account_login"), headers={"accept-language": language})
    assert page.content.decode().count(f'href="{reverse("account_reset_password")}"') == 1


def test_password_and_code_open_the_console(client, sam):
    factories.with_second_factor(sam, SECRET)
    answer = post_password(client, "sam")
    assert answer.url.startswith(reverse("mfa_authenticate"))
    assert client.get("/console/").status_code == 302, "the password alone opens nothing"
    answer = client.post(reverse("mfa_authenticate"), {"code": factories.code_of_app(SECRET)})
    assert answer.url == "/console/"
    assert client.get("/console/").status_code == 200


def test_a_code_opens_once(client, sam):
    factories.with_second_factor(sam, SECRET)
    code = factories.code_of_app(SECRET)
    for opens in (True, False):
        browser = Client()
        post_password(browser, "sam")
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert (browser.get("/console/").status_code == 200) is opens


def test_a_wrong_code_opens_nothing_and_says_so(client, sam):
    factories.with_second_factor(sam, SECRET)
    post_password(client, "sam")
    answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert 'class="problem"' in answer.content.decode()
    assert client.get("/console/").status_code == 302


def test_a_wrong_password_is_refused_beside_the_form_and_tries_are_limited(client, sam):
    page = post_password(client, "sam", "wrong").content.decode()
    assert 'role="alert"' in page
    for _try in range(12):
        last = post_password(client, "sam", "wrong")
    assert "Too many" in last.content.decode()
    assert "_auth_user_id" not in client.session
    assert post_password(client, "sam").status_code == 200, "the right password waits too"


def test_staff_without_a_second_factor_are_asked_to_set_one_up(client, sam):
    post_password(client, "sam")
    answer = client.get("/console/", follow=True)
    assert answer.status_code == 200
    assert reverse("mfa_activate_totp") in answer.content.decode()
    assert client.get("/console/products/unit/", follow=True).redirect_chain, "no list opens"


def test_setting_one_up_opens_the_console_and_keeps_the_secret_encrypted(client, sam):
    post_password(client, "sam")
    repeat_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": factories.code_of_app(secret)})
    assert secret not in str(Authenticator.objects.get(user=sam, type="totp").data)
    assert client.get("/console/").status_code == 200


def test_an_account_that_is_no_staff_is_told_so(client):
    client.force_login(factories.PersonFactory())
    answer = client.get("/console/", follow=True)
    assert answer.status_code == 403
    assert "not a brand" in answer.content.decode()


def test_a_blocked_account_gets_nowhere(sam):
    client = Client()
    client.force_login(factories.with_second_factor(sam))
    sam.is_active = False
    sam.save()
    assert client.get("/console/").status_code == 302


def test_nobody_signs_up_by_form(client):
    assert "Sign Up Closed" in client.get(reverse("account_signup")).content.decode()


def test_logging_out_needs_a_post_and_ends_the_session(sam):
    client = Client()
    client.force_login(factories.with_second_factor(sam))
    assert client.get(reverse("admin:logout")).status_code == 405
    assert client.post(reverse("admin:logout")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_reset_password",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_change_password",
        "account_logout",
    ],
)
def test_account_pages_stand_under_the_strict_policy(name, sam, client):
    if name != "account_login":
        post_password(client, "sam")
        repeat_password(client)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "style=" not in text
    assert "<style" not in text
    assert "unsafe" not in answer["Content-Security-Policy"]
