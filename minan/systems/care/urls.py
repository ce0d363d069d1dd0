"""Addresses under /care/."""

from __future__ import annotations

from django.urls import path

from minan.systems.care import views

app_name = "care"
prefix = "care/"
urlpatterns = [
    path("", views.index, name="index"),
    path("ask/", views.ask, name="ask"),
    path("ask/place/", views.find, name="find"),
    path("visits/", views.visits, name="visits"),
    path("visits/<uuid:pk>/seen/", views.seen, name="seen"),
    path("beds/", views.board, name="beds"),
    path("stays/apply/", views.apply, name="apply"),
    path("stays/<str:code>/", views.stay, name="stay"),
    path("<str:code>/", views.own, name="own"),
    path("<str:code>/fine/", views.fine, name="fine"),
    path("<str:code>/pause/", views.pause, name="pause"),
    path("<str:code>/device/", views.device, name="device"),
    path("<str:code>/end/", views.end, name="end"),
    path("<str:code>/hands/", views.hands, name="hands"),
]
