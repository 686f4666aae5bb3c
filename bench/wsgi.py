"""The yardstick's WSGI entry point."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.plain_settings"

from django.core.wsgi import get_wsgi_application

plain = get_wsgi_application()
