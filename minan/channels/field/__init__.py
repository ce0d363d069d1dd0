"""The field: a worker's phone does its work for 72 hours without network and sends what it kept, each record once."""
