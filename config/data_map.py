"""The data map: every column that can hold something of a person, what for, how long, and what forgets it.

Export, erasure and docs/data.md are readings of it. A test walks all models and fails on a column of text, of
JSON or with somebody's number that stands neither here nor among `NOTHING_PERSONAL`; `manage.py data_map`
prints the table of docs/data.md.
"""

from dataclasses import dataclass

CONTRACT, CONSENT, LEGITIMATE, DUTY = "contract", "consent", "legitimate interest", "legal duty"
WITH_OWNER = "until erased; asked for after `dormant_days`, erased 60 days later"
NUMBERS = "numbers only; they lead nowhere once the rows they name are empty"


@dataclass(frozen=True, slots=True)
class Holding:
    """The personal columns of one table.

    `basis`: why the law allows it (GDPR Art. 6). `kept`: for how long at most. `erased_by`: the name of a step of
    `config/erasure.py`; `exported_in`: the name of a section of `config/exports.py`. Where one of the two is
    empty, `because` says why.
    """

    model: str
    fields: tuple[str, ...]
    purpose: str
    basis: str
    kept: str
    erased_by: str
    exported_in: str
    because: str = ""


HOLDINGS: tuple[Holding, ...] = (
    # Who somebody is
    Holding(
        "ownership.owner", ("person", "name", "email", "phone", "locale"),
        "whose a piece is, and how to write to them", CONTRACT, WITH_OWNER, "owner", "owner",
    ),
    Holding(
        "products.person", ("username", "first_name", "last_name", "email", "password", "locale"),
        "letting somebody in", CONTRACT, "as long as they act for an owner; then 30 days", "person", "owner",
        "an owner's own row here has a random user name and no password; names and passwords are staff's",
    ),
    Holding(
        "account.emailaddress", ("user", "email"), "letting somebody in by a code", CONTRACT,
        "with the person", "person", "addresses",
    ),
    Holding(
        "products.phonenumber", ("person", "number"), "letting somebody in by a code", CONTRACT,
        "with the person", "person", "telephones",
    ),
    Holding(
        "products.device", ("person",), "remembering a browser", CONTRACT,
        "with the person; 400 days in the browser", "person", "browsers",
    ),
    Holding(
        "mfa.authenticator", ("user", "data"), "second factors and passkeys", CONTRACT, "with the person",
        "person", "", "secrets of log-in, sealed; nothing to read",
    ),
    Holding(
        "sessions.session", ("session_data",), "a visit in which a code was entered", CONTRACT,
        "until the browser closes, two weeks at most", "person", "",
        "what stands there stands in the other tables too",
    ),
    # What they own and sent
    Holding(
        "ownership.ownership", ("owner",), "whose a piece is and was", CONTRACT,
        "the row stays, and points to an empty owner", "ownerships", "things",
    ),
    Holding(
        "ownership.registration", ("person", "owner", "name", "contact", "locale", "submission_key"),
        "registering a piece", CONTRACT, "waiting or superseded: `UNCONFIRMED_DAYS`; else " + WITH_OWNER,
        "registrations", "registrations",
    ),
    Holding(
        "ownership.purchase", ("seller", "proof"), "when and where it was bought", CONTRACT,
        "with the owner; the proof `evidence_days` after the ownership", "purchases", "purchases",
    ),
    Holding(
        "ownership.gift", ("words",), "words of a giver to who unpacks it", CONTRACT,
        "30 days after the unit was registered", "purchases", "",
        "another person's words to the first owner; they stand on the piece's page while they are kept",
    ),
    Holding(
        "ownership.bulkrequest", ("owner", "file", "proof", "asked_by_id", "decided_by_id", "reason"),
        "an organisation's list of what it bought", CONTRACT, WITH_OWNER, "groups", "lists",
    ),
    # Across owners
    Holding(
        "ownership.transfer", ("recipient", "started_by_id"), "sending an offer to who it is for", CONTRACT,
        "until it is settled and told", "transfers", "passed_on",
        "the recipient's address is the recipient's own",
    ),
    Holding(
        "ownership.releaserequest",
        ("claimant", "name", "contact", "locale", "statement", "answer", "appeal", "submission_key"),
        "settling whose a piece is", LEGITIMATE, "`evidence_days` after it ended; unconfirmed 7 days",
        "releases", "releases_asked",
        "the owner's answer is in `releases_answered`, an appeal in `appeals`: each in the archive of who wrote it",
    ),
    Holding(
        "ownership.evidence", ("file", "note", "digest"), "settling whose a piece is", LEGITIMATE,
        "`evidence_days` after it ended", "releases", "evidence",
    ),
    Holding(
        "ownership.decision", ("reason", "decided_by_id"), "what staff decided, for both sides", LEGITIMATE,
        "the reason `evidence_days` after the case ended", "", "decisions",
        "the reason is the other side's as well; it names nobody by the desk's rules",
    ),
    Holding(
        "ownership.recovery",
        ("owner", "contact", "old_email", "old_phone", "reason", "locale", "asked_by_id"),
        "reaching an owner who lost their address", CONTRACT, "30 days", "recoveries", "recoveries",
    ),
    Holding(
        "ownership.lossreport", ("police_reference", "words", "reported_by_id"), "finding a lost piece",
        CONTRACT, "`finder_days` after the search ended", "losses", "losses",
    ),
    Holding(
        "ownership.finderthread", ("email", "locale", "submission_key"), "answering a finder", CONTRACT,
        "`finder_days` after the search ended", "losses", "found",
    ),
    Holding(
        "ownership.findermessage", ("words",), "what finder and owner write", CONTRACT,
        "`finder_days` after the search ended", "losses", "finders",
        "in `finders` of the owner and in `found` of the finder; the erasure of either takes their own",
    ),
    Holding(
        "ownership.identityrequest", ("serial", "email", "locale", "note", "proof", "reason", "decided_by_id"),
        "giving an older piece a code", CONTRACT, "unconfirmed 7 days, unanswered a year, answered 90 days",
        "identity requests", "identity_requests",
    ),
    # Several people
    Holding(
        "ownership.member", ("owner", "person"), "who uses shared things", CONTRACT, "until they leave",
        "groups", "groups",
    ),
    Holding(
        "ownership.invitation", ("owner", "email", "locale", "invited_by_id"), "asking somebody to join",
        CONTRACT, "14 days", "groups", "invitations",
    ),
    # What they agreed to, and asked
    Holding(
        "ownership.consent", ("owner", "locale", "proof"), "proof of what was agreed to", DUTY,
        "the row stays as proof, and points to an empty owner", "consents", "consents",
    ),
    Holding(
        "ownership.datarequest", ("owner", "asked_by_id", "file", "problem"), "handing data over, erasing it",
        DUTY, "archives 14 days; the row stays, without the owner", "files", "requests",
    ),
    Holding(
        "ownership.tombstone", ("owner_id", "person_id"), "erasing a restored backup again", DUTY, "for ever",
        "", "", NUMBERS,
    ),
    # Points
    Holding("ownership.loyaltyaccount", ("owner",), "points", CONSENT, WITH_OWNER, "points", "points_balance"),
    Holding(
        "ownership.loyaltyentry", ("owner", "dedupe_key", "reason", "actor_id"), "points", CONSENT, WITH_OWNER,
        "points", "points",
    ),
    Holding("ownership.redemption", ("owner",), "rewards", CONSENT, WITH_OWNER, "points", "rewards"),
    Holding(
        "ownership.rewardcode", ("redemption", "code"), "rewards", CONSENT,
        "with the owner; a code that nobody has any more stays used", "points", "rewards",
    ),
    # Letters
    Holding(
        "experiences.message", ("owner", "about_id", "locale"), "that a letter was sent, never its words",
        LEGITIMATE, "the row stays, and points to an empty owner", "letters", "messages",
    ),
    # Files
    Holding(
        "products.privatefile", ("original_name", "uploaded_by"), "uploads and archives", CONTRACT,
        "each its own day of deletion", "files", "purchases",
        "each file is in the section of what it belongs to",
    ),
    # The ledger, and who looked
    Holding(
        "analytics.event", ("owner_id", "actor_id", "data"), "the history of a unit", LEGITIMATE, "for ever",
        "", "history", NUMBERS,
    ),
    Holding(
        "analytics.unitfacts", ("owner_id",), "who owns it now", CONTRACT, "with the ownership", "ownerships",
        "things",
    ),
    Holding(
        "products.auditrow", ("actor_id", "object_id", "data"), "who of the staff read or changed what", DUTY,
        "for ever", "", "readings", NUMBERS,
    ),
    Holding(
        "products.job", ("requester", "params", "result", "error"), "long work asked for by staff", LEGITIMATE,
        "for ever", "", "", "of staff; names, addresses and typed words of owners stand in no job",
    ),
    Holding(
        "admin.logentry", ("user", "object_repr", "change_message"),
        "nothing: the audit trail is kept instead", LEGITIMATE, "never written", "", "",
        "nothing is written there",
    ),
    # Visitors
    Holding(
        "analytics.scan", ("visitor", "locale", "country"), "telling a reload from a copy, counting visitors",
        LEGITIMATE, "the visitor's random number `visitor_days`; a scan names nobody", "", "",
        "tied to no person, so nobody's can be told apart",
    ),
    Holding(
        "analytics.unitactivity", ("visitors",), "how many people stood before it", LEGITIMATE,
        "`visitor_days` after the last scan; the count stays", "", "", "tied to no person",
    ),
    Holding(
        "products.tag", ("last_visitor",), "telling a reload from a copy", LEGITIMATE,
        "`visitor_days` after the last scan", "", "", "tied to no person",
    ),
    Holding(
        "analytics.doubt", ("evidence", "decided_by_id", "reason"), "finding copies", LEGITIMATE,
        "with the unit", "", "", "eight characters of random visitors' numbers, tied to no person",
    ),
    # Things
    Holding(
        "products.unit", ("attributes",), "what the thing is: an engraving may be a name", CONTRACT,
        "with the unit", "", "", "part of the thing itself; the brand knows it from making it",
    ),
    # Staff
    Holding(
        "products.staffmembership", ("person",), "who of the staff may do what", CONTRACT,
        "while they work there", "", "", "staff, not owners",
    ),
    Holding(
        "products.encodingorder", ("requested_by", "fetched_by", "recipient", "file"),
        "who ordered and fetched chip data", LEGITIMATE, "with the order", "", "", "staff, not owners",
    ),
)  # fmt: skip

# Columns of text that name nobody: codes and names of things, the brand's own words, random keys.
NOTHING_PERSONAL: dict[str, tuple[str, ...]] = {
    "account.emailconfirmation": ("key",),
    "admin.logentry": ("object_id",),
    "auth.group": ("name",),
    "auth.permission": ("name", "codename"),
    "contenttypes.contenttype": ("app_label", "model"),
    "django_celery_beat.crontabschedule": ("minute", "hour", "day_of_month", "month_of_year", "day_of_week"),
    "django_celery_beat.periodictask": (
        "name", "task", "args", "kwargs", "queue", "exchange", "routing_key", "headers", "description",
    ),
    "products.brand": (
        "slug", "name", "legal_name", "locales", "time_zone", "country", "accent", "paper", "care_email",
        "care_phone", "website",
    ),
    "products.branddomain": ("host",),
    "products.market": ("country", "time_zone"),
    "products.category": ("slug",),
    "products.material": ("slug",),
    "products.product": ("slug", "model_number", "picture", "uncoded_pattern"),
    "products.variant": ("code",),
    "products.tradeitem": ("gtin",),
    "products.job": ("kind",),
    "products.auditrow": ("action", "object_type"),
    "products.privatefile": ("name", "purpose", "content_type"),
    "products.batch": ("code", "made_in", "origin", "composition"),
    "products.unit": ("serial", "public_code", "made_in", "origin", "market"),
    "products.chipprofile": ("slug", "params", "keys"),
    "products.tag": ("uid",),
    "products.encodingorder": ("base_url",),
    "products.identificationkey": ("value", "name"),
    "products.resolverlink": ("link_type", "href", "title", "language", "media_type", "market"),
    "analytics.event": ("kind", "transaction_id"),
    "analytics.forgedlinkcount": ("profile", "reason"),
    "analytics.doubt": ("country",),
    "ownership.invitation": ("code",),
    "ownership.bulkrequest": ("submission_key",),
    "ownership.identityrequest": ("code", "submission_key"),
    "ownership.finderthread": ("code",),
    "ownership.findermessage": ("submission_key",),
    "ownership.provenancelink": ("submission_key",),
    "ownership.redemption": ("submission_key",),
    "ownership.rewardcode": ("digest",),
    "ownership.gift": ("submission_key",),
    "ownership.transfer": ("code", "bundle"),
    "ownership.recovery": ("code",),
    "ownership.releaserequest": ("code", "owner_code"),
    "warranty.coverageplan": ("market",),
    "warranty.coverage": ("market", "certificate_code"),
    "warranty.withdrawncertificate": ("code",),
    "experiences.contentblock": ("stages",),
    "experiences.demoload": ("seed",),
    "experiences.message": ("problem", "dedupe_key"),
}  # fmt: skip

_HEAD = ("table", "columns", "what for", "basis", "kept", "forgotten by", "exported in", "remark")


def as_markdown() -> str:
    """Return the map as the table of docs/data.md."""
    rows = [
        (
            f"`{holding.model}`",
            ", ".join(f"`{name}`" for name in holding.fields),
            holding.purpose,
            holding.basis,
            holding.kept,
            holding.erased_by or "–",
            holding.exported_in or "–",
            holding.because,
        )
        for holding in HOLDINGS
    ]
    lines = [_HEAD, tuple("---" for _name in _HEAD), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
