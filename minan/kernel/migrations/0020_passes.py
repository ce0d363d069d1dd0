"""Passes that were taken back before their time."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0019_bus"),
    ]

    operations = [
        migrations.CreateModel(
            name="Revoked",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("pass_id", models.CharField(max_length=16, unique=True)),
                ("ends", models.BigIntegerField()),
            ],
        ),
    ]
