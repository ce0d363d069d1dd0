"""PostgreSQL as Minan uses it: Django's own backend, which asks a kept connection whether it lives without a query."""
