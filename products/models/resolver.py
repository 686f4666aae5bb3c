"""What the GS1 Digital Link resolver knows beyond units: other GS1 keys, and the links of each thing.

Sources: GS1 Digital Link Standard: URI Syntax sec. 4 (keys), GS1-Conformant Resolver Standard (links, link types).
"""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from products.digital_link.link_types import declarable
from products.models.brands import Brand, country_code
from products.models.catalogue import Product
from products.models.units import Batch, Unit
from products.querysets import BrandOwnedQuerySet

language_tag = RegexValidator(
    r"^[a-z]{2}(-[A-Z]{2})?$",
    _("Write a language as two small letters, like fr, or with its country, like fr-CA."),
)
media_type = RegexValidator(
    r"^[a-z]+/[a-z0-9][a-z0-9.+-]*$",
    _("Write a media type in small letters, like text/html or application/pdf."),
)


def validate_link_type(code: str) -> None:
    if code not in {kind.code for kind in declarable()}:
        raise ValidationError(
            _("“%(code)s” is not a ratified link type of the GS1 Web Vocabulary, like gs1:pip."),
            code="link_type",
            params={"code": code},
        )


class KeyType(models.TextChoices):
    """GS1 primary keys that name something other than a trade item, by application identifier (AI)."""

    SSCC = "00", _("SSCC, a logistic unit")
    GDTI = "253", _("GDTI, a document")
    GCN = "255", _("GCN, a coupon")
    GINC = "401", _("GINC, a consignment")
    GSIN = "402", _("GSIN, a shipment")
    GLN = "414", _("GLN, a place")
    PARTY = "417", _("GLN, an organisation")
    GRAI = "8003", _("GRAI, a returnable asset")
    GIAI = "8004", _("GIAI, an individual asset")
    ITIP = "8006", _("ITIP, a piece of a trade item")
    CPID = "8010", _("CPID, a component or part")
    GMN = "8013", _("GMN, a model")
    GSRN_PROVIDER = "8017", _("GSRN, a provider of services")
    GSRN_RECIPIENT = "8018", _("GSRN, a recipient of services")


class IdentificationKey(models.Model):
    """A GS1 key of a brand that names no trade item: a place, an asset, a part, a document."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="identification_keys", verbose_name=_("brand")
    )
    ai = models.CharField(_("kind of key"), max_length=4, choices=KeyType.choices)
    value = models.CharField(_("value, with its check digit"), max_length=90)
    name = models.CharField(_("what it names"), max_length=120)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["ai", "value"]
        verbose_name = _("GS1 key")
        verbose_name_plural = _("GS1 keys")
        constraints = [
            models.UniqueConstraint(
                fields=["ai", "value"],
                name="gs1_key_of_one_brand",
                violation_error_message=_("This key is recorded already."),
            ),
            models.CheckConstraint(condition=Q(ai__in=KeyType.values), name="gs1_key_kind_known"),
        ]

    def __str__(self) -> str:
        return f"({self.ai}) {self.value}"


class ResolverLink(models.Model):
    """One link of a brand, product, batch, unit or other key: what the resolver leads to or lists."""

    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="resolver_links", verbose_name=_("brand")
    )
    # At most one of the four names what the link is for; with none it is for all that the brand makes.
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="resolver_links",
        verbose_name=_("product"),
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="resolver_links",
        verbose_name=_("batch"),
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="resolver_links",
        verbose_name=_("unit"),
    )
    key = models.ForeignKey(
        IdentificationKey,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="resolver_links",
        verbose_name=_("GS1 key"),
    )
    link_type = models.CharField(_("link type"), max_length=80, validators=[validate_link_type])
    href = models.URLField(_("leads to"), max_length=500)
    title = models.CharField(_("title"), max_length=120)
    language = models.CharField(
        _("language, empty for any"), max_length=10, blank=True, validators=[language_tag]
    )
    media_type = models.CharField(
        _("media type"), max_length=80, default="text/html", validators=[media_type]
    )
    market = models.CharField(
        _("only for this market, empty for all"), max_length=2, blank=True, validators=[country_code]
    )
    is_default = models.BooleanField(
        _("the default link"),
        default=False,
        help_text=_("Where the code leads when nothing more particular is asked for."),
    )
    # On unless said otherwise: GS1-Conformant Resolver Standard, sec. 2 (fwqs).
    forwards_query = models.BooleanField(_("hands on the query string (fwqs)"), default=True)
    is_public = models.BooleanField(
        _("stands in the public list"),
        default=True,
        help_text=_("A link outside the list still answers whoever asks for its type."),
    )

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["link_type", "language", "id"]
        verbose_name = _("resolver link")
        verbose_name_plural = _("resolver links")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(batch__isnull=True, unit__isnull=True, key__isnull=True)
                    | Q(product__isnull=True, unit__isnull=True, key__isnull=True)
                    | Q(product__isnull=True, batch__isnull=True, key__isnull=True)
                    | Q(product__isnull=True, batch__isnull=True, unit__isnull=True)
                ),
                name="resolver_link_for_one_thing",
                violation_error_message=_(
                    "Choose one thing that the link is for: a product, a batch, a unit or a key."
                ),
            ),
            models.UniqueConstraint(
                "brand",
                Coalesce("product", 0),
                Coalesce("batch", 0),
                Coalesce("unit", 0),
                Coalesce("key", 0),
                condition=Q(is_default=True),
                name="one_default_link_per_thing",
                violation_error_message=_(
                    "Another link is the default here already; take that from it first."
                ),
            ),
            models.UniqueConstraint(
                "brand",
                Coalesce("product", 0),
                Coalesce("batch", 0),
                Coalesce("unit", 0),
                Coalesce("key", 0),
                "link_type",
                "href",
                "language",
                "media_type",
                "market",
                name="resolver_link_stands_once",
                violation_error_message=_("This very link stands here already."),
            ),
            # A unit's code leads to the unit's own page, which says what it proves.
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(is_default=False) & ~Q(link_type="gs1:pip"),
                name="unit_leads_to_its_own_page",
                violation_error_message=_(
                    "The code of one single piece always leads to the piece's own page; its links are listed there."
                ),
            ),
            models.CheckConstraint(
                condition=Q(href__startswith="https://") | Q(href__startswith="http://"),
                name="resolver_link_leads_to_the_web",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_type} · {self.title}"
