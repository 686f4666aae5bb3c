"""What a brand makes: categories, products, variants, trade items (GTINs) and materials."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.fields import LocalizedTextField, in_language
from products.models.brands import Brand
from products.models.thresholds import StageThresholds
from products.querysets import BrandOwnedQuerySet, ProductQuerySet
from products.serial_patterns import check_serial_pattern

gtin14 = RegexValidator(r"^\d{14}$", _("A GTIN is stored with 14 digits."))


class Category(StageThresholds):
    """A kind of product; texts and thresholds set here hold for all products below."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="categories", verbose_name=_("brand")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("category above"),
    )
    slug = models.SlugField(_("short name"), max_length=60)
    names = LocalizedTextField(_("name"))

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "slug"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(fields=["brand", "slug"], name="one_category_per_slug"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="category_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return in_language(self.names, "en") or self.slug


class Material(models.Model):
    """What things are made of, and how that material is kept well."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="materials", verbose_name=_("brand")
    )
    slug = models.SlugField(_("short name"), max_length=60)
    names = LocalizedTextField(_("name"))
    cleaning = LocalizedTextField(_("how to clean it"), blank=True, multiline=True)
    avoid = LocalizedTextField(_("what to avoid"), blank=True, multiline=True)
    treatment = LocalizedTextField(_("regular treatment, like “Condition the leather”"), blank=True)
    treatment_every_months = models.PositiveSmallIntegerField(
        _("months between treatments"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "slug"]
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        constraints = [
            models.UniqueConstraint(fields=["brand", "slug"], name="one_material_per_slug"),
            models.CheckConstraint(
                condition=Q(treatment_every_months__isnull=True) | Q(treatment_every_months__gte=1),
                name="treatment_interval_at_least_a_month",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.names, "en") or self.slug


class UncodedRule(models.TextChoices):
    """What happens when the holder of a unit without a code asks for an identity."""

    CLOSED = "closed", _("Not offered")
    APPROVAL = "approval", _("Staff decide on each request")
    PATTERN = "pattern", _("At once where the serial number fits the pattern, else staff decide")


class Product(StageThresholds):
    """A model that a brand sells."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="products", verbose_name=_("brand")
    )
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    slug = models.SlugField(_("short name"), max_length=60)
    model_number = models.CharField(_("model number"), max_length=40, blank=True)
    names = LocalizedTextField(_("name"))
    line = LocalizedTextField(_("one sentence about it"), blank=True)
    picture = models.CharField(_("picture"), max_length=120, blank=True, editable=False)
    picture_alt = LocalizedTextField(_("the picture in words"), blank=True)
    lifetime_years = models.PositiveSmallIntegerField(
        _("expected lifetime in years"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    serial_place = LocalizedTextField(_("where the serial number stands"), blank=True)
    tag_place = LocalizedTextField(_("where the chip or code sits"), blank=True)
    is_archived = models.BooleanField(_("no longer sold"), default=False)
    is_valuable = models.BooleanField(
        _("valuable"),
        default=False,
        db_default=False,
        help_text=_("Passing one on asks its holder for a new tap, or for the owner's code and a proof."),
    )
    uncoded_rule = models.CharField(
        _("older units without a code"),
        max_length=8,
        choices=UncodedRule.choices,
        default=UncodedRule.CLOSED,
    )
    uncoded_pattern = models.CharField(
        _("pattern of their serial numbers (regular expression)"),
        max_length=120,
        blank=True,
        validators=[check_serial_pattern],
        help_text=_("For the whole serial number, like K7-[0-9]{6}. Letters count as typed or in capitals."),
    )
    materials: models.ManyToManyField = models.ManyToManyField(
        Material, through="ProductMaterial", related_name="products"
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "slug"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["brand", "slug"], name="one_product_per_slug"),
            models.CheckConstraint(
                condition=Q(uncoded_rule__in=UncodedRule.values), name="product_uncoded_rule_known"
            ),
            models.CheckConstraint(
                condition=~Q(uncoded_rule="pattern") | ~Q(uncoded_pattern=""),
                name="uncoded_pattern_rule_has_its_pattern",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.names, "en") or self.slug


class ProductMaterial(models.Model):
    """A material of a product, the part made of it and its share of the weight."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="composition", verbose_name=_("product")
    )
    material = models.ForeignKey(
        Material, on_delete=models.PROTECT, related_name="uses", verbose_name=_("material")
    )
    part = LocalizedTextField(_("part"), blank=True)
    share = models.DecimalField(
        _("share of the weight in %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("material of the product")
        verbose_name_plural = _("materials of the product")
        constraints = [
            models.UniqueConstraint(fields=["product", "material"], name="material_once_per_product"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=100),
                name="material_share_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return str(self.material)


class NextProduct(models.Model):
    """What comes next after a product, in the brand's order and with its own why: after a knife, its whetstone.

    Each product's list is a link of the chain: whoever has what comes next already is shown what comes after that.
    """

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="next_products", verbose_name=_("after")
    )
    next_product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("comes")
    )
    why = LocalizedTextField(_("why, in your words"), blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("what comes next")
        verbose_name_plural = _(
            "what comes next: the first that the owner does not have is shown with a milestone"
        )
        constraints = [
            models.UniqueConstraint(fields=["product", "next_product"], name="next_product_once"),
            models.CheckConstraint(
                condition=~Q(next_product=models.F("product")),
                name="next_product_is_another",
                violation_error_message=_("A product does not come after itself."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.next_product)


class Variant(models.Model):
    """A size, colour or version of a product."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="variants", verbose_name=_("product")
    )
    code = models.CharField(_("code"), max_length=60)
    names = LocalizedTextField(_("name"), blank=True)

    class Meta:
        ordering = ["product", "code"]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [models.UniqueConstraint(fields=["product", "code"], name="one_variant_per_code")]

    def __str__(self) -> str:
        return in_language(self.names, "en") or self.code


class TradeItem(models.Model):
    """A GTIN and what it names: a product, or a variant where the product has variants (GS1 General Specifications)."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="trade_items", verbose_name=_("brand")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="trade_items", verbose_name=_("product")
    )
    variant = models.ForeignKey(
        Variant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="trade_items",
        verbose_name=_("variant"),
    )
    gtin = models.CharField(_("GTIN"), max_length=14, unique=True, validators=[gtin14])

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["gtin"]
        verbose_name = _("GTIN")
        verbose_name_plural = _("GTINs")
        constraints = [
            models.CheckConstraint(condition=Q(gtin__regex=r"^\d{14}$"), name="gtin_has_14_digits")
        ]

    def __str__(self) -> str:
        return self.gtin
