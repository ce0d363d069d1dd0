from django.db import migrations, models


def waiting(apps, schema_editor):
    """Matters of before get their mark from the keeper like new ones: the worker asks, a batch at a time."""
    apps.get_model("kernel", "Speaker").objects.filter(phone=True, wrapped__isnull=False).update(caller="later")


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0010_children"),
    ]

    operations = [
        migrations.AddField(
            model_name="speaker",
            name="caller",
            field=models.CharField(blank=True, db_default="", db_index=True, default="", max_length=64),
        ),
        migrations.RunPython(waiting, migrations.RunPython.noop),
    ]
