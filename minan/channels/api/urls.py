"""Addresses of the JSON API; each stands in openapi.py too, and a test compares them."""

from __future__ import annotations

from django.urls import path

from minan.channels.api import views

app_name = "api"
prefix = "api/v1/"
urlpatterns = [
    path("cases", views.cases, name="cases"),
    path("cases/<str:code>", views.case, name="case"),
    path("cases/<str:code>/steps/<str:step>", views.step, name="step"),
    path("counts", views.counts, name="counts"),
    path("damages", views.damages, name="damages"),
    path("places", views.places, name="places"),
    path("openapi.json", views.openapi, name="openapi"),
    path("<path:rest>", views.missing, name="missing"),
]
