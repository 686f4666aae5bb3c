"""The whole URL map on one screen."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from config import health
from config.api import urls as api_urls
from config.console import files as console_files
from config.console import imports as console_imports
from experiences.converters import SectionConverter
from experiences.views import find, home, pictures, taps, units

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
    path("u/<str:code>/<section:section>/", units.unit_section, name="unit_section"),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    # Without a readable tag
    path("find/", find.find, name="find"),
    path("find/how-to-tap/", find.find_help, name="find_help"),
    path("find/<slug:brand>/", find.find, name="find_brand"),
    # Staff and systems
    path("console/files/<int:pk>/", console_files.private_file, name="console_file"),
    path("console/imports/", console_imports.import_units, name="console_import_units"),
    path("console/imports/<int:pk>/", console_imports.import_job, name="console_import_job"),
    path("console/imports/<int:pk>/stop/", console_imports.cancel_import, name="console_cancel_import"),
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
