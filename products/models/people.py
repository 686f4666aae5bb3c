"""People: who logs in, whether staff of a brand or, later, an owner of things."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.querysets import PhoneNumberQuerySet


class Person(AbstractUser):
    """An allauth user. What a brand knows of a person stands on `ownership.Owner`, one row per brand."""

    locale = models.CharField(_("language"), max_length=10, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]


class PhoneNumber(models.Model):
    """One of a person's telephone numbers; their e-mail addresses are allauth's `EmailAddress`.

    It lets nobody in before a code that was sent to it was entered. Then it is one person's alone.
    """

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="phone_numbers", verbose_name=_("person")
    )
    number = models.CharField(_("telephone"), max_length=20)  # E.164
    verified_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects = PhoneNumberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("telephone number")
        verbose_name_plural = _("telephone numbers")
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="a_number_once_per_person"),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(verified_at__isnull=False),
                name="confirmed_number_of_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Device(models.Model):
    """A browser in which a person is remembered. Its cookie names the row and the epoch; raising the epoch revokes it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="devices")
    epoch = models.PositiveIntegerField(_("epoch"), default=1)
    created_at = models.DateTimeField(_("remembered since"))
    last_used_at = models.DateTimeField(_("last used"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ["-last_used_at"]
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return f"#{self.pk}"
