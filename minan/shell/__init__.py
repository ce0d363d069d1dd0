"""The shell: what every page stands on, and the few pages that belong to no system (home, sign-in, about, errors)."""
