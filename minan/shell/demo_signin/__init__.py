"""The demo's doors: one click signs in as one of the made-up people. Installed only where DATA was made by `minan demo`."""
