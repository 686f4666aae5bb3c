"""People: who logs in, whether staff of a brand or, later, an owner of things."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Person(AbstractUser):
    """An allauth user. What a brand knows of a person stands on `ownership.Owner`, one row per brand."""

    locale = models.CharField(_("language"), max_length=10, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]
