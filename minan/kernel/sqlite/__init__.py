"""SQLite as Minan uses it: Django's own backend behind one fair write lock."""
