import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import minan.lib.uuid7


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0008_case_needs_event"),
    ]

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.UUIDField(default=minan.lib.uuid7.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("county", models.CharField(max_length=6)),
                ("case_id", models.UUIDField()),
                ("n", models.PositiveIntegerField()),
                ("day", models.DateField()),
                ("slot", models.PositiveSmallIntegerField()),
                ("what", models.CharField(max_length=12)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("county", "case_id", "n"), name="look_once"),
                    models.UniqueConstraint(fields=("user", "day", "slot"), name="look_budget"),
                ],
            },
        ),
    ]
