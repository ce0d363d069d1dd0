"""Addresses under /emergencies/. While no mode is on there is nothing here for residents but the record of those that were."""

from __future__ import annotations

from django.urls import path

from minan.systems.emergencies import views

app_name = "emergencies"
prefix = "emergencies/"
urlpatterns = [
    path("", views.here, name="here"),
    path("record/", views.record, name="record"),
    path("propose/", views.propose, name="propose"),
    path("ask/", views.ask, name="ask"),
    path("<str:code>/", views.room, name="room"),
    path("<str:code>/voice/<int:n>/", views.voice, name="voice"),
    path("<str:code>/<slug:step>/", views.take, name="take"),
]
