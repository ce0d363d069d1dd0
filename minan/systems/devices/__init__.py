"""Devices of a neighbourhood: who owns them, how they do, what they raised; and cameras, of which a picture is seen for a case only."""
