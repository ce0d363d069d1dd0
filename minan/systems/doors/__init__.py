"""Doors and barriers 门禁道闸: a door knows passes, never people; each household alone reads its own seven days."""
