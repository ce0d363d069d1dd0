"""The demo's doors: one click signs in as one of seven made-up people. Installed only where DATA was made by `minan demo`."""
