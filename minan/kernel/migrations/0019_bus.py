"""Keys of devices on the bus, messages that could not be taken, and their counts."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0017_reminder_more"),
    ]

    operations = [
        migrations.CreateModel(
            name="BusAccount",
            fields=[
                ("device", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("area", models.CharField(max_length=15)),
                ("hash", models.CharField(blank=True, max_length=140)),
                ("changed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BusCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=16)),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("day", "reason"), name="bus_count_once")]},
        ),
        migrations.CreateModel(
            name="BusEar",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BusParked",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=160)),
                ("payload", models.BinaryField(max_length=4096)),
                ("size", models.PositiveIntegerField()),
                ("handler", models.CharField(max_length=80)),
                ("error", models.CharField(max_length=300)),
                ("tries", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at"], name="bus_parked_at")]},
        ),
    ]
