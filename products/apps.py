from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from products import checks

        register(checks.field_keys_are_keys, Tags.security)
        register(checks.field_keys_fit_stored_secrets, Tags.database)
