"""Addresses of the field; no code of a matter stands in one that a browser remembers."""

from __future__ import annotations

from django.urls import path

from minan.channels.field import views

app_name = "field"
prefix = "field/"
urlpatterns = [
    path("", views.home, name="home"),
    path("sw.js", views.worker, name="worker"),
    path("who/", views.who, name="who"),
    path("device/", views.device, name="device"),
    path("device/longer/", views.longer, name="longer"),
    path("device/end/", views.end, name="end"),
    path("pack/", views.pack, name="pack"),
    path("lists/", views.forms, name="lists"),
    path("cases/<str:code>/", views.case, name="case"),
    path("records/", views.take, name="records"),
]
