"""On whose phone a unit's calls ring."""

import django.db.models.deletion
import minan.lib.uuid7
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="Ear",
            fields=[
                (
                    "id",
                    models.UUIDField(default=minan.lib.uuid7.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("unit", models.CharField(db_index=True, max_length=32)),
                ("rank", models.PositiveSmallIntegerField(default=0)),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("unit", "user"), name="help_ear_once")],
            },
        )
    ]
