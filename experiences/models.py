"""Texts that staff write for the pages."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.fields import LocalizedTextField, in_language
from products.models import Brand, Category, Product
from products.querysets import BrandOwnedQuerySet


class BlockKind(models.TextChoices):
    """Where a block appears."""

    SETUP = "setup", _("Set-up step")
    TIP = "tip", _("Tip for the first weeks")
    HELP = "help", _("Help topic")
    STORY = "story", _("Story")
    SERVICE = "service", _("Service and repair")
    RECYCLE = "recycle", _("Recycling")


class ContentBlock(models.Model):
    """A text for a product, for a category and all below it, or for the whole brand; Markdown."""

    Kind = BlockKind

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="content_blocks", verbose_name=_("brand")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=BlockKind.choices)
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="content_blocks",
        verbose_name=_("product"),
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="content_blocks",
        verbose_name=_("category"),
    )
    titles = LocalizedTextField(_("title"))
    bodies = LocalizedTextField(_("text (Markdown)"), blank=True, multiline=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "position", "id"]
        verbose_name = _("content block")
        verbose_name_plural = _("content blocks")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BlockKind.values), name="block_kind_known"),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | Q(category__isnull=True),
                name="block_for_product_or_category",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.titles, "en") or self.get_kind_display()


class DemoLoad(models.Model):
    """That the demo was loaded here: from which seed, and the day to which its history runs."""

    seed = models.CharField(_("seed"), max_length=60)
    anchor = models.DateField(_("history runs to"))
    loaded_at = models.DateTimeField(_("loaded"))

    class Meta:
        verbose_name = _("loaded demo")
        verbose_name_plural = _("loaded demos")

    def __str__(self) -> str:
        return f"{self.seed} · {self.anchor}"
