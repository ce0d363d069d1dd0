"""Addresses of the supervisor's and the administrator's pages, and of orders as papers."""

from __future__ import annotations

from django.urls import path

from minan.kernel.pages import supervise

urlpatterns = [
    path("supervise/", supervise.overview, name="supervise"),
    path("supervise/cases/", supervise.cases, name="supervise_cases"),
    path("supervise/<str:code>/", supervise.order, name="supervise_order"),
    path("desk/<str:code>/order/<int:n>/", supervise.order_paper, name="order_paper"),
]
