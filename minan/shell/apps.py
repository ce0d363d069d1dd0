"""The Django app of the shell: templates, static files, tags and the pages before any system."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "minan.shell"
    label = "shell"
    verbose_name = "民安"
