"""The whole URL map on one screen."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from config import health
from config.api import urls as api_urls
from config.console import files as console_files
from config.console import imports as console_imports
from config.console import living, mail_preview
from experiences.converters import SectionConverter
from experiences.views import certificates, find, home, outbox, pictures, registering, taps, units

register_converter(SectionConverter, "section")

urlpatterns = [
    path("", home.home, name="home"),
    # What stands on things
    path("t/<slug:profile>", taps.chip_tap, name="chip_tap"),
    re_path(r"^q/(?P<code>[^/]+)/?$", taps.qr_tap, name="qr_tap"),
    re_path(r"^01/.+$", taps.digital_link_tap, name="digital_link"),
    # A unit's pages
    path("u/<str:code>/", units.unit_home, name="unit_home"),
    path("u/<str:code>/mine/", units.its_mine, name="its_mine"),
    path("u/<str:code>/register/", registering.register, name="register"),
    path("u/<str:code>/confirm/", registering.confirm, name="confirm"),
    path("u/<str:code>/confirm/again/", registering.send_again, name="send_again"),
    path("u/<str:code>/registered/", registering.registered, name="registered"),
    path("u/<str:code>/welcome/", registering.welcome, name="welcome"),
    path("u/<str:code>/privacy/", units.privacy, name="privacy"),
    path("u/<str:code>/<section:section>/", units.unit_section, name="unit_section"),
    path("certificate/<str:code>/", certificates.certificate, name="certificate"),
    path("certificate/<str:code>.pdf", certificates.certificate_as_pdf, name="certificate_pdf"),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    # Without a readable tag
    path("find/", find.find, name="find"),
    path("find/how-to-tap/", find.find_help, name="find_help"),
    path("find/<slug:brand>/", find.find, name="find_brand"),
    # Mail and text messages of an installation without a mail server
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<slug:name>/", outbox.outbox_mail, name="outbox_mail"),
    # Staff and systems
    path("console/files/<int:pk>/", console_files.private_file, name="console_file"),
    path("console/imports/", console_imports.import_units, name="console_import_units"),
    path("console/imports/<int:pk>/", console_imports.import_job, name="console_import_job"),
    path("console/imports/<int:pk>/stop/", console_imports.cancel_import, name="console_cancel_import"),
    path("console/mails/", mail_preview.mails, name="console_mails"),
    path(
        "console/mails/<slug:brand>/<slug:kind>/<slug:locale>.<slug:part>",
        mail_preview.mail,
        name="console_mail",
    ),
    path("console/living/", living.living, name="console_living"),
    path(
        "console/living/<slug:look>/<slug:scheme>/<slug:direction>/<slug:length>/",
        living.living_look,
        name="console_living_look",
    ),
    path("console/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include(api_urls)),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]

handler400 = "experiences.views.problems.bad_request"
handler403 = "experiences.views.problems.permission_denied"
handler404 = "experiences.views.problems.page_not_found"
handler500 = "experiences.views.problems.server_error"
