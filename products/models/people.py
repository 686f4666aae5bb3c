"""People: who logs in, whether staff of a brand or, later, an owner of things."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Person(AbstractUser):
    """An allauth user. What a brand knows of a person stands on `ownership.Owner`, one row per brand."""

    locale = models.CharField(_("language"), max_length=10, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)  # E.164
    phone_verified = models.BooleanField(_("telephone confirmed"), default=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(phone_verified=True), name="confirmed_telephone_of_one_person"
            )
        ]
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]


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
