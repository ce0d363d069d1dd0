"""Addresses under /devices/."""

from __future__ import annotations

from django.urls import path

from minan.systems.devices import views

app_name = "devices"
prefix = "devices/"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("alarms/", views.alarms, name="alarms"),
    path("waiting/", views.waiting, name="waiting"),
    path("waiting/<slug:device>/drop/", views.drop, name="drop"),
    path("cameras/", views.eyes, name="cameras"),
    path("cameras/places/", views.places, name="places"),
    path("cameras/<str:place>/", views.signs, name="signs"),
    path("look/<str:code>/", views.look, name="look"),
    path("<slug:device>/", views.show, name="show"),
    path("<slug:device>/key/", views.key, name="key"),
    path("<slug:device>/retire/", views.retire, name="retire"),
]
