"""A witness of a city's log: anyone runs it, on a small machine behind NAT, without Django, settings or a database."""
