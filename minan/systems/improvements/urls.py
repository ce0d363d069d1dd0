"""Addresses under /improvements/."""

from __future__ import annotations

from django.urls import path

from minan.systems.improvements import views

app_name = "improvements"
prefix = "improvements/"
urlpatterns = [
    path("", views.public, name="public"),
    path("mine/", views.mine, name="mine"),
    path("new/", views.begin, name="begin"),
    path("<str:code>/", views.project, name="project"),
    path("<str:code>/<slug:step>/", views.take, name="take"),
]
