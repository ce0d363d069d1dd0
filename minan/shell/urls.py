"""Addresses of the pages that belong to no system."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from minan.shell import signin, views

app_name = "shell"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", signin.login, name="login"),
    path("logout/", signin.logout, name="logout"),
    path("language/", set_language, name="language"),
    path("elder/", views.elder, name="elder"),
    path("more/", views.more, name="more"),
    path("about/", views.about, name="about"),
    path("offline/", views.offline, name="offline"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.worker, name="worker"),
]
