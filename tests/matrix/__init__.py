"""P2: the permission matrix, made of the URL table, the roles and the relations; its truth is written down here a second time."""
