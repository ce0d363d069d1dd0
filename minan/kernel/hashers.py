"""How passwords are kept: Argon2id, sized so that eight sign-ins at once fit beside everything else."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """32 MiB and two passes; OWASP's least is 19 MiB and two."""

    time_cost = 2
    memory_cost = 32 * 1024  # KiB
    parallelism = 1
