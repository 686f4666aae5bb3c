"""Texts that staff write for the pages, and messages to owners."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.kinds import Stage
from experiences.block_check import check_block_texts
from experiences.querysets import BlockQuerySet, MessageQuerySet
from ownership.models import IdentityRequest, Owner, Ownership
from products.fields import LocalizedTextField, in_language
from products.models import Brand, Category, Product, Unit


class BlockKind(models.TextChoices):
    """Where a block appears."""

    SETUP = "setup", _("Set-up step")
    TIP = "tip", _("Tip for the first weeks")
    HELP = "help", _("Help topic")
    STORY = "story", _("Story")
    SERVICE = "service", _("Service and repair")
    RECYCLE = "recycle", _("Recycling")


class Audience(models.TextChoices):
    """Who may read a block. The server withholds it from everybody else."""

    EVERYONE = "everyone", _("Everyone")
    HOLDER = "holder", _("Whoever holds it, and its owner")
    OWNER = "owner", _("Its owner alone")


def validate_stages(value: object) -> None:
    """Accept a list of stages, each once."""
    if not isinstance(value, list) or any(stage not in Stage.values for stage in value):
        raise ValidationError(_("Choose among the stages of a unit's life."), code="unknown_stage")
    if len(set(value)) < len(value):
        raise ValidationError(_("Choose each stage once."), code="stage_twice")


class ContentBlock(models.Model):
    """A text for a product, for a category and all below it, or for the whole brand; Liquid, then Markdown.

    Of each kind a reader sees the blocks of the nearest level that has any for this reader at this stage.
    """

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
    stages = models.JSONField(
        _("stages"),
        default=list,
        blank=True,
        validators=[validate_stages],
        help_text=_("None chosen means every stage."),
    )
    audience = models.CharField(
        _("who may read it"), max_length=10, choices=Audience.choices, default=Audience.EVERYONE
    )
    is_active = models.BooleanField(_("shown"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = BlockQuerySet.as_manager()

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
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="block_audience_known"),
        ]

    def __str__(self) -> str:
        return in_language(self.titles, "en") or self.get_kind_display()

    def clean(self) -> None:
        """Refuse texts that can't be shown, with language and line beside the field."""
        check_block_texts(self.titles, self.bodies)


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


class MessageKind(models.TextChoices):
    """What a message is about."""

    REGISTERED = "registered", _("It is registered")
    IDENTITY_ASKED = "identity_asked", _("Confirm the address of a request for a code")
    IDENTITY_GIVEN = "identity_given", _("The code of an older piece")
    IDENTITY_KNOWN = "identity_known", _("The page that the piece has already")
    IDENTITY_REFUSED = "identity_refused", _("Why there is no code")
    AGENT_REGISTERED = "agent_registered", _("Registered for somebody by an agent")
    ADDRESS_CHANGED = "address_changed", _("Another address counts now")
    NEW_WAY_IN = "new_way_in", _("Another way opens one's things")
    RECOVERY_CONFIRM = "recovery_confirm", _("Confirm the new address of an owner")
    OWNER_LINK = "owner_link", _("The link to an owner's own pages")
    INVITATION = "invitation", _("Asked to join a household or an organisation")
    TRANSFER_OFFER = "transfer_offer", _("Something is passed on to you")
    TRANSFER_GIVEN = "transfer_given", _("It was passed on: receipt for the owner so far")
    TRANSFER_TAKEN = "transfer_taken", _("It is yours: receipt for the new owner")
    TRANSFER_OVER = "transfer_over", _("The transfer came to nothing")
    RELEASE_CONFIRM = "release_confirm", _("Confirm the address of a request for release")
    RELEASE_ASKED = "release_asked", _("Somebody asks the owner to release it")
    RELEASE_REFUSED = "release_refused", _("The owner does not release it")
    RELEASE_DESK = "release_desk", _("Staff look at it now")
    RELEASE_DECIDED = "release_decided", _("A dispute is decided")
    RELEASE_APPEALED = "release_appealed", _("A decision is appealed")
    RELEASE_TAKEN = "release_taken", _("It is released: to its new owner")
    RELEASE_GIVEN = "release_given", _("It is released: to its owner so far")
    RELEASE_KEPT = "release_kept", _("It stays with its owner")
    LOSS_REPORTED = "loss_reported", _("It is reported lost or stolen")
    FINDER_WROTE = "finder_wrote", _("A finder wrote")
    OWNER_ANSWERED = "owner_answered", _("The owner answered a finder")
    EXPORT_READY = "export_ready", _("Your data is ready")
    ERASURE_ASKED = "erasure_asked", _("Your data will be erased")
    ERASURE_FAILED = "erasure_failed", _("Why your data could not be erased yet")
    DORMANT = "dormant", _("Do you still have it?")


class MessageState(models.TextChoices):
    WAITING = "waiting", _("Waits to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    UNCERTAIN = "uncertain", _("May or may not have arrived")
    FAILED = "failed", _("Not sent")


class Message(models.Model):
    """One message to an owner, or to who asked for something. It holds no address: that is looked up when it
    is sent, by what `experiences.letters` knows of its kind.

    `sending` is committed before anything leaves, so that a crash leaves `uncertain` and never two messages.
    """

    State = MessageState
    TRANSITIONS = {
        MessageState.WAITING: {MessageState.SENDING, MessageState.FAILED},
        MessageState.SENDING: {
            MessageState.SENT, MessageState.WAITING, MessageState.UNCERTAIN, MessageState.FAILED,
        },
    }  # fmt: skip

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="messages", verbose_name=_("brand")
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("unit"),
    )
    identity_request = models.ForeignKey(
        IdentityRequest,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("request for an identity"),
    )
    ownership = models.ForeignKey(
        Ownership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("ownership"),
    )
    owner = models.ForeignKey(
        Owner,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("owner"),
    )
    # The row of the kind's own table that it is about: a transfer, a request, a thread.
    about_id = models.BigIntegerField(_("about number"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=MessageKind.choices)
    locale = models.CharField(_("language"), max_length=10)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState.choices, default=MessageState.WAITING
    )
    # Why it was not sent: `no_address`, `not_owner_now`, `refused`, `too_late`, `answered`, `over`, `bounced`.
    problem = models.CharField(_("reason"), max_length=20, blank=True)
    # What it is about: the same thing never makes a second message.
    dedupe_key = models.CharField(_("about"), max_length=80, unique=True)
    created_at = models.DateTimeField(_("asked for"))
    changed_at = models.DateTimeField(_("state since"))

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MessageKind.values), name="message_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(
                condition=Q(unit__isnull=False)
                | Q(identity_request__isnull=False)
                | Q(owner__isnull=False)
                | Q(about_id__isnull=False),
                name="message_about_something",
            ),
        ]
        indexes = [
            models.Index(
                fields=["changed_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="message_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dedupe_key} {self.state}"
