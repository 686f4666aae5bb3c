"""Print the current second-factor code of a demo log-in."""

import time
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management.base import BaseCommand, CommandError, CommandParser

from experiences.demo.staff import staff_logins
from experiences.models import DemoLoad


class Command(BaseCommand):
    help = "Print the current second-factor code of one of the demo's people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="a log-in that the demo printed, like corvane-agent")

    def handle(self, *args: Any, **options: Any) -> None:
        load = DemoLoad.objects.first()
        if load is None:
            raise CommandError("The demo is not loaded here. Load it with: manage.py demo")
        secrets = {login.username: login.totp_secret for login in staff_logins(load.seed)}
        secret = secrets.get(options["username"])
        if secret is None:
            raise CommandError(
                f"“{options['username']}” is not one of the demo's people, and codes of others are theirs alone."
                f" The demo has: {', '.join(secrets)}."
            )
        period = int(time.time()) // app_settings.TOTP_PERIOD
        self.stdout.write(format_hotp_value(hotp_value(secret, period)))
