"""Addresses under /accidents/."""

from __future__ import annotations

from django.urls import path

from minan.systems.accidents import views

app_name = "accidents"
prefix = "accidents/"
urlpatterns = [
    path("report/", views.report, name="report"),
    path("report/place/", views.find, name="find"),
    path("findings/", views.findings, name="findings"),
    path("<str:code>/", views.file, name="file"),
    path("<str:code>/link/", views.link, name="link"),
    path("<str:code>/print/<slug:what>/", views.printed, name="print"),
    path("<str:code>/<slug:step>/", views.take, name="take"),
]
