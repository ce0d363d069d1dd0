"""The views, by topic."""
