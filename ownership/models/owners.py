"""Owners, and what they own from when until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ownership.querysets import InvitationQuerySet, MemberQuerySet, OwnerQuerySet, OwnershipQuerySet
from products.codes import new_public_code
from products.models import Brand, Unit


class OwnerKind(models.TextChoices):
    PERSON = "person", _("Person")
    HOUSEHOLD = "household", _("Household")
    ORGANISATION = "organisation", _("Organisation")


class Acquired(models.TextChoices):
    """How an owner came to the unit."""

    REGISTRATION = "registration", _("Registered it")
    TRANSFER = "transfer", _("Took it over from the owner before")
    RELEASE = "release", _("The owner before released it")
    DECISION = "decision", _("Staff decided so")
    TILL = "till", _("Activated at the till")
    AGENT = "agent", _("An agent registered it")


class Annulled(models.TextChoices):
    """Why an ownership counts as never having been."""

    RETURNED = "returned", _("The unit was returned to the shop")
    PREMATURE = "premature", _("Registered before the unit was sold")
    MISTAKE = "mistake", _("Registered by mistake")
    RECOVERED = "recovered", _("The same owner goes on under another address")


class Owner(models.Model):
    """A person, a household or an organisation at one brand; other brands never see this row.

    A person acts for themselves; households and organisations act through their members.
    """

    Kind = OwnerKind

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="owners", verbose_name=_("brand"))
    kind = models.CharField(_("kind"), max_length=12, choices=OwnerKind.choices, default=OwnerKind.PERSON)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owners",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=32, blank=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    created_at = models.DateTimeField(_("known since"), auto_now_add=True)
    # Since when what we write to the address comes back: the next page asks for another one.
    bounced_at = models.DateTimeField(_("address bounced"), null=True, blank=True)
    # When a dormant owner was told that their data will go; see the retention schedule.
    dormant_told_at = models.DateTimeField(_("told of being dormant"), null=True, blank=True)

    objects = OwnerQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        constraints = [
            models.UniqueConstraint(fields=["brand", "person"], name="one_owner_per_person_and_brand"),
            models.CheckConstraint(condition=Q(kind__in=OwnerKind.values), name="owner_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="person") | Q(person__isnull=True), name="several_people_act_as_members"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or f"#{self.pk}"


class Ownership(models.Model):
    """One owner's time with one unit. The ordinal says whether it is the first, second … owner.

    An annulled one never counted: the next owner takes its ordinal.
    """

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="ownerships", verbose_name=_("unit")
    )
    owner = models.ForeignKey(
        Owner, on_delete=models.PROTECT, related_name="ownerships", verbose_name=_("owner")
    )
    ordinal = models.PositiveSmallIntegerField(_("number"))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    acquired = models.CharField(
        _("how"),
        max_length=12,
        choices=Acquired.choices,
        default=Acquired.REGISTRATION,
        db_default=Acquired.REGISTRATION.value,
    )
    annulled = models.CharField(
        _("annulled"), max_length=12, choices=Annulled.choices, blank=True, default="", db_default=""
    )

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        ordering = ["unit", "ordinal"]
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(until__isnull=True), name="one_current_owner_per_unit"
            ),
            models.UniqueConstraint(
                fields=["unit", "ordinal"], condition=Q(annulled=""), name="one_counted_ownership_per_ordinal"
            ),
            models.CheckConstraint(
                condition=Q(annulled="") | Q(until__isnull=False), name="annulled_ownership_has_ended"
            ),
            models.CheckConstraint(
                condition=Q(acquired__in=Acquired.values), name="ownership_acquired_in_a_known_way"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="ownership_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="ownership_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.ordinal}. #{self.owner_id}"  # whoever may read a name reads it on the owner's page


class MemberRole(models.TextChoices):
    ADMIN = "admin", _("Looks after it: adds and removes people, passes things on")
    MEMBER = "member", _("Uses it: sees the things, reports them lost, asks for help")


class Member(models.Model):
    """A person of a household or an organisation."""

    Role = MemberRole

    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="members", verbose_name=_("owner")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships_of_owners",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=10, choices=MemberRole.choices, default=MemberRole.MEMBER)
    since = models.DateTimeField(_("since"))

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["owner", "since", "id"]
        verbose_name = _("member of an owner")
        verbose_name_plural = _("members of owners")
        constraints = [
            models.UniqueConstraint(fields=["owner", "person"], name="one_membership_per_person_and_owner"),
            models.CheckConstraint(condition=Q(role__in=MemberRole.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.person_id}"


class Invitation(models.Model):
    """One address asked to join a household or an organisation; it goes once it is answered or over."""

    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("owner")
    )
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=MemberRole.choices, default=MemberRole.MEMBER)
    locale = models.CharField(_("language"), max_length=10)
    # The invited person's own address: only the mail holds it.
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_public_code, editable=False)
    invited_by_id = models.BigIntegerField(_("invited by"), null=True)
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("works until"))

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["owner", "email"], name="one_invitation_per_address_and_owner"),
            models.CheckConstraint(condition=Q(role__in=MemberRole.values), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_works_a_while"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.role}"
