"""What the public page counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proof", "0002_guards")]
    operations = [
        migrations.CreateModel(
            name="Count",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("county", models.CharField(max_length=6)),
                ("by", models.CharField(max_length=8)),
                ("key", models.CharField(max_length=60)),
                ("year", models.PositiveSmallIntegerField(default=0)),
                ("n", models.IntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("county", "by", "key", "year"), name="proof_count_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Deferral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("county", models.CharField(max_length=6)),
                ("case_id", models.UUIDField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("county", "case_id"), name="proof_deferral_once")],
            },
        ),
    ]
