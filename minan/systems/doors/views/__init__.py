"""The addresses of the doors: HTTP only."""
