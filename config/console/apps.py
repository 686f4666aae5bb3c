"""The console is the stock admin with our site class; it spans apps, so it lives above them."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AppConfig):
    name = "config.console"
    label = "console"


class HeirloomAdminConfig(AdminConfig):
    default_site = "config.console.site.ConsoleSite"
