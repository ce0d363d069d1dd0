from django.db import migrations, models
from django.db.models import F


def waits(apps, schema_editor):
    """What waited to be sent is looked at again as it was before."""
    apps.get_model("kernel", "Message").objects.filter(sent_at=None, channel="sms", tries__lt=3).update(next_at=F("made_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0013_whose_it_is"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderState",
            fields=[
                ("name", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("rests_until", models.DateTimeField(null=True)),
                ("worked_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=16)),
                ("detail", models.CharField(blank=True, max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name="Sparing",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=48)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["mark", "at"], name="sparing_mark"),
                    models.Index(fields=["at"], name="sparing_at"),
                ],
            },
        ),
        migrations.AddField("message", "held_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "next_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "provider", models.CharField(blank=True, max_length=16, default=""), preserve_default=False),
        migrations.AddField("message", "reason", models.CharField(blank=True, max_length=16, default=""), preserve_default=False),
        migrations.AddField("speaker", "ways", models.CharField(blank=True, max_length=40, default=""), preserve_default=False),
        migrations.AddIndex(
            "message",
            models.Index(condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="message_next"),
        ),
        migrations.AddIndex(
            "message",
            models.Index(condition=models.Q(("held_at__isnull", False)), fields=["held_at"], name="message_held"),
        ),
        migrations.RunPython(waits, migrations.RunPython.noop),
    ]
