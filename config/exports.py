"""What an export of personal data holds, from every floor (`settings.EXPORT_SECTIONS`)."""

from django.utils.translation import gettext_lazy as _

from experiences.models import Message
from ownership.models import Recovery
from ownership.services.data_rights.export import Column, Section
from ownership.services.data_rights.sections import OWN_SECTIONS
from warranty.models import Coverage

SECTIONS: tuple[Section, ...] = (
    *OWN_SECTIONS,
    Section(
        "warranties",
        _("Warranties of what you own"),
        (
            Column("serial", "unit__serial", _("Serial number")),
            Column("promise", "plan__names", _("Promise")),
            Column("starts_on", "starts_on", _("From")),
            Column("ends_on", "ends_on", _("Until")),
            Column("certificate", "certificate_code", _("Certificate")),
        ),
        lambda owner: Coverage.objects.filter(unit__ownerships__owner=owner, unit__ownerships__until=None),
    ),
    Section(
        "recoveries",
        _("New addresses that staff wrote down for you"),
        (
            Column("address", "contact", _("Address")),
            Column("language", "locale", _("Language")),
            Column("email_before", "old_email", _("E-mail until then")),
            Column("telephone_before", "old_phone", _("Telephone until then")),
            Column("shown_by", "shown", _("Identity shown by")),
            Column("noted", "reason", _("What the agent noted")),
            Column("asked_at", "asked_at", _("Asked for")),
            Column("confirmed_at", "confirmed_at", _("Confirmed")),
        ),
        lambda owner: Recovery.objects.filter(owner=owner),
    ),
    Section(
        "messages",
        _("What was written to you"),
        (
            Column("kind", "kind", _("Kind")),
            Column("language", "locale", _("Language")),
            Column("state", "state", _("State")),
            Column("asked_at", "created_at", _("Asked for")),
            Column("state_since", "changed_at", _("State since")),
        ),
        lambda owner: Message.objects.filter(owner=owner),
        note=_("The letters themselves are not kept."),
    ),
)
