"""Addresses of the demo only; the root urls include them where settings.DEMO holds: path("", include("minan.shell.demo_signin.urls"))."""

from __future__ import annotations

from django.urls import path

from minan.shell.demo_signin import views

app_name = "demo"
urlpatterns = [
    path("demo/", views.doors, name="doors"),
    path("demo/<str:username>/", views.enter, name="enter"),
    path("components/", views.components, name="components"),
    path("components/desk/", views.desk, name="desk"),
]
