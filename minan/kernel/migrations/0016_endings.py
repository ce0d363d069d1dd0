"""Photos are found again by parts of their hash; who is handled together with whom by an index."""

from django.db import migrations, models

PARTS = ("part1", "part2", "part3", "part4")


def fill(apps, schema_editor):
    Attachment = apps.get_model("kernel", "Attachment")
    for row in Attachment.objects.exclude(likeness="").iterator():
        number = int(row.likeness, 16)
        for i, name in enumerate(PARTS):
            setattr(row, name, number >> (48 - 16 * i) & 0xFFFF)
        row.save(update_fields=PARTS)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0015_clocks")]

    operations = [
        *(migrations.AddField("attachment", name, models.PositiveIntegerField(default=0)) for name in PARTS),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex("attachment", models.Index(fields=["sha256"], name="attachment_file")),
        *(migrations.AddIndex("attachment", models.Index(fields=[name], name=f"attachment_{name}")) for name in PARTS),
        migrations.AddIndex(
            "case", models.Index(fields=["merged_into"], name="case_joined", condition=~models.Q(merged_into=""))
        ),
    ]
