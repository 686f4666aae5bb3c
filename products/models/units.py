"""The units themselves, the batches they were made in, and the tags that they carry."""

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from products.codes import new_public_code
from products.fields import EncryptedTextField
from products.models.brands import Brand, country_code
from products.models.catalogue import Product, TradeItem, Variant
from products.querysets import BrandOwnedQuerySet, TagQuerySet, UnitQuerySet

MAX_COUNTER = 0xFFFFFF  # SDMReadCtr has three bytes (NT4H2421Gx, section 9.3.2)
MAX_TAMPER_AT = 126  # the last but one byte of the longest encrypted part of a file


class UnitStatus(models.TextChoices):
    ACTIVE = "active", _("In use or for sale")
    RECYCLED = "recycled", _("Recycled")
    DESTROYED = "destroyed", _("Destroyed")
    REPLACED = "replaced", _("Replaced")
    WRITTEN_OFF = "written_off", _("Written off")


class Batch(models.Model):
    """Units made together: when, where, from which origin."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="batches", verbose_name=_("brand")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="batches", verbose_name=_("product")
    )
    code = models.CharField(_("batch or lot"), max_length=20)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    made_in = models.CharField(_("made in"), max_length=120, blank=True)
    origin = models.CharField(_("origin of the materials"), max_length=200, blank=True)
    composition = models.JSONField(_("ingredients or materials of this batch"), default=list, blank=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["product", "code"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [models.UniqueConstraint(fields=["product", "code"], name="one_batch_per_code")]

    def __str__(self) -> str:
        return self.code


class Unit(models.Model):
    """One single thing that somebody can hold."""

    Status = UnitStatus

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="units", verbose_name=_("brand"))
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="units", verbose_name=_("product")
    )
    variant = models.ForeignKey(
        Variant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="units",
        verbose_name=_("variant"),
    )
    trade_item = models.ForeignKey(
        TradeItem, on_delete=models.PROTECT, related_name="units", verbose_name=_("GTIN")
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("batch")
    )
    serial = models.CharField(_("serial number"), max_length=20)  # AI 21 holds at most 20 characters
    public_code = models.CharField(
        _("public code"), max_length=32, unique=True, default=new_public_code, editable=False
    )
    status = models.CharField(
        _("status"), max_length=12, choices=UnitStatus.choices, default=UnitStatus.ACTIVE
    )
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    made_in = models.CharField(_("made in"), max_length=120, blank=True)
    origin = models.CharField(_("origin of the materials"), max_length=200, blank=True)
    shipped_on = models.DateField(_("shipped on"), null=True, blank=True)
    sold_on = models.DateField(_("sold on"), null=True, blank=True)
    market = models.CharField(_("market"), max_length=2, blank=True, validators=[country_code])
    attributes = models.JSONField(_("attributes, like the artisan"), default=dict, blank=True)
    # An older piece without a code got this identity when its holder asked for it.
    identity_given_on = models.DateField(_("identity given on a holder's request"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(fields=["trade_item", "serial"], name="serial_unique_per_gtin"),
            models.CheckConstraint(condition=~Q(serial=""), name="unit_has_a_serial"),
            models.CheckConstraint(condition=Q(status__in=UnitStatus.values), name="unit_status_known"),
            models.CheckConstraint(
                condition=Q(status="active", retired_on__isnull=True)
                | (~Q(status="active") & Q(retired_on__isnull=False)),
                name="unit_retired_on_a_day",
            ),
        ]
        indexes = [
            models.Index("product", Upper("serial"), name="unit_product_serial"),
            models.Index(Upper("serial"), name="unit_serial"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def is_retired(self) -> bool:
        return self.status != UnitStatus.ACTIVE


class ChipMode(models.TextChoices):
    AES = "aes", _("AES")
    LRP = "lrp", _("LRP")


class MacInput(models.TextChoices):
    CMAC = "cmac", _("nothing")
    ENC = "enc", _("from the encrypted file data")
    PICC_DATA = "picc_data", _("from the encrypted PICC data")
    URL = "url", _("from the start of the link")


class TamperLoop(models.TextChoices):
    """What an open tamper loop means on the chips of a profile (NTAG 424 DNA TagTamper)."""

    NONE = "", _("There is no loop")
    SEAL = "seal", _("A seal: opening it is unpacking")
    GUARD = "guard", _("A guard: opening it is tampering")


class ChipProfile(models.Model):
    """How a series of chips was configured (NTAG 424 DNA SDM): keys, mirrors, and where the MAC begins."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="chip_profiles", verbose_name=_("brand")
    )
    slug = models.SlugField(_("name in the link"), max_length=60, unique=True)
    mode = models.CharField(_("mode"), max_length=3, choices=ChipMode.choices, default=ChipMode.AES)
    mac_from = models.CharField(
        _("MAC input begins"), max_length=10, choices=MacInput.choices, default=MacInput.CMAC
    )
    params = models.JSONField(_("parameter names"), default=dict, blank=True)
    tamper_loop = models.CharField(
        _("tamper loop"), max_length=5, choices=TamperLoop.choices, blank=True, default=TamperLoop.NONE
    )
    # Where TTPermStatus and TTCurrStatus stand in the decrypted file data; None where a parameter mirrors them.
    tamper_at = models.PositiveSmallIntegerField(
        _("tamper status at byte"), null=True, blank=True, validators=[MaxValueValidator(MAX_TAMPER_AT)]
    )
    # The keyring (`products.keyring`), read by `products.profiles`.
    keys = EncryptedTextField(_("keys"), editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name = _("chip profile")
        verbose_name_plural = _("chip profiles")
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=ChipMode.values), name="chip_mode_known"),
            models.CheckConstraint(condition=Q(mac_from__in=MacInput.values), name="chip_mac_from_known"),
            models.CheckConstraint(condition=Q(tamper_loop__in=TamperLoop.values), name="chip_tamper_known"),
            models.CheckConstraint(
                condition=Q(tamper_at__isnull=True) | (Q(tamper_at__lte=MAX_TAMPER_AT) & ~Q(tamper_loop="")),
                name="chip_tamper_status_in_file_data",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class TagKind(models.TextChoices):
    CHIP = "chip", _("NFC chip")
    QR = "qr", _("QR code")


class TagState(models.TextChoices):
    ACTIVE = "active", _("Active")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Tag(models.Model):
    """A chip or a printed code on a unit. Its last counter is the guard against replayed links."""

    Kind = TagKind
    State = TagState

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="tags", verbose_name=_("brand"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tags", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=4, choices=TagKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=TagState.choices, default=TagState.ACTIVE)
    profile = models.ForeignKey(
        ChipProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tags",
        verbose_name=_("chip profile"),
    )
    uid = models.CharField(
        _("chip UID"), max_length=14, blank=True, validators=[RegexValidator(r"^[0-9a-f]{14}$")]
    )
    # A chip that is encoded anew counts from the start, under a higher version of the profile's key.
    key_version = models.PositiveSmallIntegerField(
        _("key version"), default=0, validators=[MaxValueValidator(0xFF)]
    )
    last_counter = models.IntegerField(
        _("last counter"), null=True, blank=True, validators=[MaxValueValidator(MAX_COUNTER)]
    )
    last_visitor = models.CharField(
        _("visitor of the last counter"), max_length=32, blank=True, editable=False
    )

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "uid"], condition=Q(kind="chip"), name="chip_bound_to_one_unit"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(kind="qr", state="active"), name="one_active_qr_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(kind="qr", profile__isnull=True, uid="")
                | (Q(kind="chip", profile__isnull=False) & ~Q(uid="")),
                name="chip_has_profile_and_uid",
            ),
            models.CheckConstraint(
                condition=Q(last_counter__isnull=True)
                | Q(last_counter__gte=0, last_counter__lte=MAX_COUNTER),
                name="counter_has_three_bytes",
            ),
        ]

    def __str__(self) -> str:
        return self.uid or f"QR {self.unit}"
