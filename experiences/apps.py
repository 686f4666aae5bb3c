from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class ExperiencesConfig(AppConfig):
    name = "experiences"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from experiences import checks

        register(checks.codes_reach_their_readers, Tags.security)
