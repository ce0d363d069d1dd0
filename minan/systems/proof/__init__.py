"""The log nobody can rewrite unseen: every event a leaf, every minute a signed checkpoint, and the receipts that prove it."""
