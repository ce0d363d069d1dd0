"""Addresses of the kernel itself: is it alive, and what Prometheus asks. Neither shows a case."""

from __future__ import annotations

from django.urls import path

from minan.kernel import health, metrics

app_name = "kernel"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
]
