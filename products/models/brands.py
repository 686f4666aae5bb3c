"""Brands: the tenants of an installation, their markets, domains and staff."""

import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.fields import LocalizedTextField
from products.models.thresholds import StageThresholds
from products.querysets import BrandQuerySet, MembershipQuerySet

hex_colour = RegexValidator(
    r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six hexadecimal digits, like #8a5a2b.")
)
country_code = RegexValidator(r"^[A-Z]{2}$", _("Write a country as two capital letters (ISO 3166), like FR."))
host_name = RegexValidator(
    r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$",
    _("Write a domain in small letters, without https:// or a path, like care.example.com."),
)


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone of the IANA database, like Europe/Paris."), params={"name": name}
        )


def validate_locales(value: object) -> None:
    known = {code for code, _name in settings.LANGUAGES}
    if not isinstance(value, list) or not value or not set(value) <= known:
        raise ValidationError(
            _("Choose at least one of the installation's languages: %(known)s."),
            params={"known": ", ".join(sorted(known))},
        )


class Typeface(models.TextChoices):
    SERIF = "serif", _("Serif")
    HUMANIST = "humanist", _("Humanist sans")
    GROTESK = "grotesk", _("Grotesk")


class Corner(models.TextChoices):
    SQUARE = "square", _("Square")
    SOFT = "soft", _("Slightly rounded")
    ROUND = "round", _("Round")


class Density(models.TextChoices):
    TIGHT = "tight", _("Tight")
    CALM = "calm", _("Calm")
    AIRY = "airy", _("Airy")


class Brand(StageThresholds):
    """A house that sells units: its names, look, languages, places and how to reach it."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    legal_name = models.CharField(_("registered name"), max_length=120, blank=True)
    locales = models.JSONField(
        _("languages, the first is the default"), default=list, validators=[validate_locales]
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    country = models.CharField(_("country"), max_length=2, blank=True, validators=[country_code])

    accent = models.CharField(_("accent colour"), max_length=7, default="#7a4b20", validators=[hex_colour])
    paper = models.CharField(_("paper colour"), max_length=7, default="#faf7f2", validators=[hex_colour])
    typeface = models.CharField(
        _("typeface"), max_length=10, choices=Typeface.choices, default=Typeface.SERIF
    )
    corner = models.CharField(_("corners"), max_length=10, choices=Corner.choices, default=Corner.SOFT)
    density = models.CharField(_("density"), max_length=10, choices=Density.choices, default=Density.CALM)

    care_email = models.EmailField(_("e-mail for customers"), blank=True)
    care_phone = models.CharField(_("telephone for customers"), max_length=32, blank=True)
    care_hours = LocalizedTextField(_("when somebody answers"), blank=True)
    website = models.URLField(_("web site"), blank=True)
    records_shipping = models.BooleanField(
        _("every unit's shipping is recorded"),
        default=False,
        help_text=_("A tap of a unit that was neither shipped nor sold then counts as a doubt."),
    )
    privacy = LocalizedTextField(_("privacy notice (Markdown)"), blank=True, multiline=True)
    # Raised by every edit of what pages show, so that shared page parts are rebuilt at the next tap.
    content_version = models.PositiveBigIntegerField(_("content version"), default=1, editable=False)

    objects = BrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("brand")
        verbose_name_plural = _("brands")

    def __str__(self) -> str:
        return self.name

    @property
    def default_locale(self) -> str:
        return self.locales[0] if self.locales else settings.LANGUAGE_CODE


class BrandDomain(models.Model):
    """A domain of a brand that points to this installation."""

    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="domains", verbose_name=_("brand")
    )
    host = models.CharField(_("domain"), max_length=253, unique=True, validators=[host_name])
    is_primary = models.BooleanField(_("links are built with it"), default=False)

    class Meta:
        ordering = ["-is_primary", "host"]
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        constraints = [
            models.UniqueConstraint(
                fields=["brand"], condition=Q(is_primary=True), name="one_primary_domain_per_brand"
            )
        ]

    def __str__(self) -> str:
        return self.host


class Market(models.Model):
    """A country in which a brand sells: its time zone decides on which day something is due there."""

    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="markets", verbose_name=_("brand")
    )
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])

    class Meta:
        ordering = ["country"]
        verbose_name = _("market")
        verbose_name_plural = _("markets")
        constraints = [models.UniqueConstraint(fields=["brand", "country"], name="one_market_per_country")]

    def __str__(self) -> str:
        return self.country


class Role(models.TextChoices):
    BRAND_ADMIN = "brand_admin", _("Brand admin")
    CONTENT_EDITOR = "content_editor", _("Content editor")
    SUPPORT_AGENT = "support_agent", _("Support agent")
    SERVICE_MANAGER = "service_manager", _("Service manager")
    SERVICE_PARTNER = "service_partner", _("Service partner")
    COMMERCE = "commerce", _("Commerce")
    COMPLIANCE = "compliance", _("Compliance")
    ANALYST = "analyst", _("Analyst")
    AUDITOR = "auditor", _("Auditor")


class StaffMembership(models.Model):
    """A person's role at a brand; it decides what the console shows and allows."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="staff", verbose_name=_("brand"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    gets_alerts = models.BooleanField(_("gets mails about doubts"), default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "person"]
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(fields=["brand", "person", "role"], name="one_membership_per_role"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.brand}"
