"""The app of the demo's doors; it refuses to load anywhere else."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class DemoSigninConfig(AppConfig):
    name = "minan.shell.demo_signin"
    label = "demo_signin"

    def ready(self) -> None:
        if not settings.DEMO:
            raise ImproperlyConfigured(
                "minan.shell.demo_signin opens every account: it must never be installed outside the demo"
            )
