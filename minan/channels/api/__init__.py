"""The JSON API: other programs open, read and move the same cases through the same door."""
