"""A paper without a number leads to its matter, so that its photograph goes when the matter's words do."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("box", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Plain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case_id", models.UUIDField(unique=True)),
                (
                    "sheet",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="papers", to="box.sheet"),
                ),
            ],
        ),
    ]
