"""The hotline: an operator listens and types; the call itself comes from the city's exchange (DOMAIN.md §1, FEATURES.md 5, 14, 18)."""
