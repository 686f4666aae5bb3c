"""The composition root: settings, the URL map, the Celery app and the console."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
