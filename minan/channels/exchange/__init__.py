"""Matters from the systems a city already has (12345, petitions, court mediation, police), and their answers back there, each once."""
