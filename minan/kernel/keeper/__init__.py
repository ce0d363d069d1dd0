"""The vault's keeper: a small process of its own that alone holds the private keys, counts the looks and keeps their log; no Django."""
