"""Addresses under /proof/: the public page, and what programs read (CONTRACTS.md "Receipts"). No secret stands in one of them."""

from __future__ import annotations

from django.urls import path

from minan.systems.proof import keeping, page, views

app_name = "proof"
prefix = "proof/"
urlpatterns = [
    path("", page.page, name="page"),
    path("extract.zip", page.extract, name="extract"),
    path("figures.py", page.script, name="figures"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("checkpoints", views.checkpoints, name="checkpoints"),
    path("key", views.key, name="key"),
    path("consistency", views.consistency, name="consistency"),
    path("leaves", views.leaves, name="leaves"),
    path("cosign", views.cosign, name="cosign"),
    path("witnesses", keeping.witnesses, name="witnesses"),
    path("verifier.html", keeping.download, name="verifier"),
    path("receipt/<str:code>", views.receipt, name="receipt"),
]
