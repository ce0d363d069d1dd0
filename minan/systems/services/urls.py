"""Addresses under /services/. A link's secret never stands in one of them."""

from __future__ import annotations

from django.urls import path

from minan.systems.services import views

app_name = "services"
prefix = "services/"
urlpatterns = [
    path("", views.shops, name="shops"),
    path("apply/", views.apply, name="apply"),
    path("own/<str:code>/", views.own_page, name="own"),
    path("own/<str:code>/link/", views.own_link, name="own_link"),
    path("own/<str:code>/<slug:step>/", views.own_take, name="own_take"),
    path("own/<str:code>/job/<str:ordered>/", views.job, name="job"),
    path("own/<str:code>/job/<str:ordered>/<slug:step>/", views.job_take, name="job_take"),
    path("order/<str:code>/", views.order, name="order"),
    path("order/<str:code>/<slug:step>/", views.order_take, name="order_take"),
    path("<str:code>/", views.shop, name="shop"),
    path("<str:code>/order/", views.begin, name="begin"),
]
