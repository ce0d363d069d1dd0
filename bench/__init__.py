"""Repeatable measurements of Minan; each program prints one JSON object. Needs nothing that testing does not need."""
