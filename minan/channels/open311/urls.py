"""Addresses of GeoReport v2; the ending chooses JSON or XML."""

from __future__ import annotations

from django.urls import path, register_converter

from minan.channels.open311 import views


class Format:
    """json or xml, nothing else."""

    regex = "json|xml"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Format, "open311format")
app_name = "open311"
prefix = "open311/"
urlpatterns = [
    path("discovery.<open311format:form>", views.discovery, name="discovery"),
    path("v2/discovery.<open311format:form>", views.discovery),
    path("v2/services.<open311format:form>", views.services, name="services"),
    path("v2/services/<str:code>.<open311format:form>", views.service, name="service"),
    path("v2/requests.<open311format:form>", views.requests, name="requests"),
    path("v2/requests/<str:code>.<open311format:form>", views.request, name="request"),
    path("v2/tokens/<str:token>.<open311format:form>", views.token, name="token"),
]
