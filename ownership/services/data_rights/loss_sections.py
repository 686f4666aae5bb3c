"""The sections of an export about what was missed, what was found, and histories that were shared.

What a finder and an owner wrote to each other stands in both their archives, without who the other is.
"""

from django.utils.translation import gettext_lazy as _

from ownership.models import FinderMessage, LossReport, ProvenanceLink
from ownership.services.data_rights.addresses import confirmed_addresses
from ownership.services.data_rights.export import Column, Section

SERIAL = _("Serial number")

LOSS_SECTIONS = (
    Section(
        "losses",
        _("What you missed"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("kind", "kind", _("Kind")),
            Column("missed_since", "missed_on", _("Missed since")),
            Column("police_reference", "police_reference", _("Police reference")),
            Column("words", "words", _("Words for the finder")),
            Column("reported_at", "reported_at", _("Reported")),
            Column("over_at", "ended_at", _("Over")),
        ),
        lambda owner: LossReport.objects.filter(ownership__owner=owner),
    ),
    Section(
        "finders",
        _("What finders and you wrote to each other"),
        (
            Column("serial", "thread__report__unit__serial", SERIAL),
            Column("from", "sender", _("From")),
            Column("words", "words", _("Words")),
            Column("sent_at", "sent_at", _("Sent")),
        ),
        lambda owner: FinderMessage.objects.filter(thread__report__ownership__owner=owner),
    ),
    Section(
        "found",
        _("What you wrote as a finder, and what was answered"),
        (
            Column("serial", "thread__report__unit__serial", SERIAL),
            Column("address", "thread__email", _("Your address")),
            Column("language", "thread__locale", _("Language")),
            Column("from", "sender", _("From")),
            Column("words", "words", _("Words")),
            Column("sent_at", "sent_at", _("Sent")),
        ),
        lambda owner: FinderMessage.objects.filter(
            thread__report__brand=owner.brand_id, thread__email__in=confirmed_addresses(owner.person)
        ),
    ),
    Section(
        "shared_histories",
        _("Histories that you shared"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("made_at", "made_at", _("Made")),
            Column("works_until", "expires_at", _("Works until")),
            Column("taken_back_at", "revoked_at", _("Taken back")),
            Column("read", "views", _("Times read")),
        ),
        lambda owner: ProvenanceLink.objects.filter(ownership__owner=owner),
    ),
)
