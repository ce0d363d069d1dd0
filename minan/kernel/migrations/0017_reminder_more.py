"""How many late matters found no room on a day's list."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0016_endings"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="more",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
