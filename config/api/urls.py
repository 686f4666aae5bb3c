"""The API under /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from config.api.units import UnitViewSet

router = SimpleRouter()
router.register("units", UnitViewSet, basename="api-unit")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="api_schema"),
    *router.urls,
]
