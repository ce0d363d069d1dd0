"""Addresses under /disputes/."""

from __future__ import annotations

from django.urls import path

from minan.systems.disputes import views

app_name = "disputes"
prefix = "disputes/"
urlpatterns = [
    path("apply/", views.apply, name="apply"),
    path("apply/place/", views.find, name="find"),
    path("<str:code>/", views.room, name="room"),
    path("<str:code>/link/", views.link, name="link"),
    path("<str:code>/seal_offer/", views.seal, name="seal"),
    path("<str:code>/<slug:step>/", views.take, name="take"),
]
