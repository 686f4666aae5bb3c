"""The whole URL map on one screen."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from config import account_views, health
from config.api import urls as api_urls
from config.console import bulk_registration as console_bulk
from config.console import encoding as console_encoding
from config.console import files as console_files
from config.console import imports as console_imports
from config.console import labels as console_labels
from config.console import leaving as console_leaving
from config.console import living, mail_preview
from config.console import merge as console_merge
from config.console import organisations as console_organisations
from config.console import owner_acts as console_owners
from config.console import till as console_till
from experiences.converters import IdConverter, SectionConverter
from experiences.views import (
    accepting,
    addresses,
    bounces,
    by_link,
    certificates,
    consents,
    find,
    fleet,
    fleet_transfers,
    found,
    home,
    identities,
    invitations,
    losses,
    my_data,
    outbox,
    people,
    pictures,
    points,
    provenance,
    purchases,
    registering,
    releases,
    resolver,
    showing,
    taps,
    transfers,
    units,
)
from experiences.views.me import details as me_details
from experiences.views.me import entering as me_entering
from experiences.views.me import leaving as me_leaving
from experiences.views.me import passkeys as me_passkeys
from experiences.views.me import things as me_things

register_converter(SectionConverter, "section")
register_converter(IdConverter, "id")

urlpatterns = [
    path("", home.home, name="home"),
    # What stands on things
    path("t/<slug:profile>", taps.chip_tap, name="chip_tap"),
    path("t/<slug:profile>/<str:code>", taps.chip_tap, name="chip_tap_of_unit"),
    re_path(r"^q/(?P<code>[^/]+)/?$", taps.qr_tap, name="qr_tap"),
    re_path(
        r"^(?:00|01|253|255|401|402|414|417|8003|8004|8006|8010|8013|8017|8018)(?:/.*)?$",
        resolver.digital_link,
        name="digital_link",
    ),
    path(".well-known/gs1resolver", resolver.resolver_description, name="gs1resolver"),
    path("model/<str:gtin>/", resolver.model_page, name="model_page"),
    # A unit's pages
    path("u/<str:code>/", units.unit_home, name="unit_home"),
    path("u/<str:code>/mine/", units.its_mine, name="its_mine"),
    path("u/<str:code>/register/", registering.register, name="register"),
    path("u/<str:code>/confirm/", registering.confirm, name="confirm"),
    path("u/<str:code>/confirm/again/", registering.send_again, name="send_again"),
    path("u/<str:code>/registered/", registering.registered, name="registered"),
    path("u/<str:code>/address/", addresses.address, name="address"),
    path("u/<str:code>/transfer/", transfers.transfer, name="transfer"),
    path("u/<str:code>/transfer/cancel/", transfers.transfer_cancel, name="transfer_cancel"),
    path("u/<str:code>/transfer/accept/", accepting.transfer_accept, name="transfer_accept"),
    path("u/<str:code>/transfer/code/", accepting.transfer_code, name="transfer_code"),
    path("transfer/<str:code>/", accepting.transfer_link, name="transfer_link"),
    path("transfer/<str:code>/proof/", showing.transfer_proof, name="transfer_proof"),
    path("u/<str:code>/lost/", losses.lost, name="lost"),
    path("u/<str:code>/lost/ended/", losses.lost_ended, name="lost_ended"),
    path("u/<str:code>/lost/<id:thread>/", losses.lost_thread, name="lost_thread"),
    path("u/<str:code>/found/", found.found, name="found"),
    path("found/<str:code>/", found.found_thread, name="found_thread"),
    path("u/<str:code>/history/share/", provenance.share, name="share_history"),
    path("u/<str:code>/history/share/back/", provenance.link_taken_back, name="history_link_taken_back"),
    path("provenance/<str:token>/", provenance.shared_history, name="shared_history"),
    path("u/<str:code>/purchase/", purchases.purchase, name="purchase"),
    path("u/<str:code>/purchase/proof/", purchases.purchase_proof_removed, name="purchase_proof_removed"),
    path("u/<str:code>/gift/", purchases.gift, name="gift"),
    path("u/<str:code>/gift/back/", purchases.gift_taken_back, name="gift_taken_back"),
    path("u/<str:code>/release/", releases.ask, name="ask_release"),
    path("u/<str:code>/release/sent/", releases.sent, name="release_sent"),
    path("u/<str:code>/welcome/", registering.welcome, name="welcome"),
    path("u/<str:code>/gone/", me_leaving.no_longer_mine, name="let_go"),
    path("u/<str:code>/privacy/", units.privacy, name="privacy"),
    path("u/<str:code>/<section:section>/", units.unit_section, name="unit_section"),
    path("u/<str:code>/code/", identities.code_sheet, name="code_sheet"),
    path("u/<str:code>/code.pdf", identities.code_sheet_as_pdf, name="code_sheet_pdf"),
    path("certificate/<str:code>/", certificates.certificate, name="certificate"),
    path("certificate/<str:code>.pdf", certificates.certificate_as_pdf, name="certificate_pdf"),
    path("pictures/<str:name>", pictures.picture, name="picture"),
    # An owner's own pages
    path("me/", me_things.things, name="me"),
    path("me/people/", people.people, name="me_people"),
    path("me/people/<id:pk>/", people.group, name="me_group"),
    path("me/people/<id:pk>/people/<id:member_id>/", people.group_member, name="me_group_member"),
    path("me/people/<id:pk>/<slug:act>/", people.group_act, name="me_group_act"),
    path("me/fleet/<id:pk>/", fleet.fleet, name="fleet"),
    path("me/fleet/<id:pk>/units.csv", fleet.fleet_csv, name="fleet_csv"),
    path("me/fleet/<id:pk>/register/", fleet.register_many, name="fleet_register"),
    path("me/fleet/<id:pk>/transfer/", fleet_transfers.transfer_many, name="fleet_transfer"),
    path("me/fleet/<id:pk>/offers/", fleet_transfers.offers, name="fleet_offers"),
    path("invitation/<str:code>/", invitations.invitation, name="invitation"),
    path("me/enter/", me_entering.enter, name="me_enter"),
    path("me/enter/code/", me_entering.enter_code, name="me_enter_code"),
    path("me/entered/", me_entering.entered, name="me_entered"),
    path("me/details/", me_details.details, name="me_details"),
    path("me/details/<id:pk>/", me_details.owner_details, name="me_owner"),
    path("me/details/address/", me_details.new_address, name="me_new_address"),
    path("me/details/address/code/", me_details.address_code, name="me_address_code"),
    path("me/details/address/remove/", me_details.old_address, name="me_old_address"),
    path("me/details/forget/", me_details.forget, name="me_forget_browser"),
    path("me/enter/passkey/", me_passkeys.enter_with_passkey, name="me_enter_passkey"),
    path("me/details/passkeys/", me_passkeys.passkeys, name="me_passkeys"),
    path("me/details/passkeys/new/", me_passkeys.passkey_options, name="me_passkey_options"),
    path("me/details/passkeys/<id:pk>/remove/", me_passkeys.old_passkey, name="me_old_passkey"),
    path("me/leave/", me_leaving.leave, name="me_leave"),
    path("me/points/", points.points, name="me_points"),
    path("me/points/<id:owner>/<id:reward>/", points.reward, name="me_reward"),
    path("me/points/had/<id:redemption>/", points.taken, name="me_taken"),
    path("me/consents/", consents.consents, name="me_consents"),
    path("me/data/", my_data.data, name="me_data"),
    path("me/data/<id:pk>/archive.zip", my_data.archive, name="me_data_file"),
    path("me/data/<id:pk>/keep/", my_data.keep, name="me_keep"),
    path("me/forget/<id:owner_id>/", my_data.forget, name="me_forget"),
    path("consents/<str:token>/", consents.unsubscribe, name="unsubscribe"),
    # Private links in messages
    path("confirm/<str:token>/", by_link.confirm, name="confirm_by_link"),
    path("recover/<str:code>/", by_link.recover, name="recover"),
    # Without a readable tag
    path("find/", find.find, name="find"),
    path("find/how-to-tap/", find.find_help, name="find_help"),
    path("find/no-code/", identities.houses, name="no_code"),
    path("find/<slug:brand>/", find.find, name="find_brand"),
    path("find/<slug:brand>/no-code/", identities.ask, name="ask_identity"),
    path("find/<slug:brand>/no-code/sent/", identities.sent, name="identity_sent"),
    path("release/<str:code>/", releases.release, name="release"),
    path("request/<str:code>/", identities.identity_request, name="identity_request"),
    # Mail and text messages of an installation without a mail server
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<slug:name>/", outbox.outbox_mail, name="outbox_mail"),
    # Staff and systems
    path("hooks/bounces/", bounces.bounces, name="bounces"),
    path("console/files/<id:pk>/", console_files.private_file, name="console_file"),
    path("console/imports/", console_imports.import_units, name="console_import_units"),
    path("console/imports/<id:pk>/", console_imports.import_job, name="console_import_job"),
    path("console/imports/<id:pk>/stop/", console_imports.cancel_import, name="console_cancel_import"),
    path("console/imports/<id:pk>/go/", console_imports.go_on_importing, name="console_go_on_importing"),
    path("console/labels/", console_labels.labels, name="console_labels"),
    path("console/labels/<id:pk>/", console_labels.labels_job, name="console_labels_job"),
    path("console/labels/<id:pk>/stop/", console_labels.stop_labels, name="console_stop_labels"),
    path(
        "console/codes/<id:pk>/<slug:kind>.<slug:picture>",
        console_labels.unit_code,
        name="console_unit_code",
    ),
    path("console/encoding/", console_encoding.new_order, name="console_new_encoding"),
    path("console/encoding/<id:pk>/file/", console_encoding.order_file, name="console_encoding_file"),
    path("console/encoding/<id:pk>/result/", console_encoding.order_result, name="console_encoding_result"),
    path("console/encoding/jobs/<id:pk>/", console_encoding.result_job, name="console_encoding_job"),
    path("console/encoding/jobs/<id:pk>/stop/", console_encoding.stop_result, name="console_stop_encoding"),
    path("console/organisations/", console_organisations.new_organisation, name="console_new_organisation"),
    path("console/organisations/<id:pk>/people/", console_organisations.people, name="console_people"),
    path("console/bulk/", console_bulk.register_in_bulk, name="console_bulk"),
    path("console/bulk/<id:pk>/", console_bulk.bulk_job, name="console_bulk_job"),
    path("console/bulk/<id:pk>/stop/", console_bulk.stop_bulk, name="console_stop_bulk"),
    path("console/bulk/<id:pk>/go/", console_bulk.go_on, name="console_go_on_bulk"),
    path("console/leaving/", console_leaving.take_everything, name="console_leaving"),
    path("console/leaving/<id:pk>/", console_leaving.leaving_job, name="console_leaving_job"),
    path("console/leaving/<id:pk>/stop/", console_leaving.stop_leaving, name="console_stop_leaving"),
    path("console/owners/<id:owner_id>/merge/", console_merge.merge, name="console_merge_owner"),
    path(
        "console/owners/<id:owner_id>/merge/<id:other_id>/",
        console_merge.merge_both,
        name="console_merge_owners",
    ),
    path("console/owners/<id:owner_id>/<slug:slug>/", console_owners.act, name="console_owner_act"),
    path("console/till/", console_till.till, name="console_till"),
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
    path("accounts/login/code/confirm/", account_views.log_in_by_code, name="account_confirm_login_code"),
    path("accounts/email/", account_views.email_addresses, name="account_email"),
    path("accounts/password/set/", account_views.set_password, name="account_set_password"),
    path("accounts/password/change/", account_views.change_password, name="account_change_password"),
    path("accounts/2fa/<path:rest>", account_views.second_factor),
    path("accounts/2fa/", account_views.second_factor, {"rest": ""}),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include(api_urls)),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]

handler400 = "experiences.views.problems.bad_request"
handler403 = "experiences.views.problems.permission_denied"
handler404 = "experiences.views.problems.page_not_found"
handler500 = "experiences.views.problems.server_error"
