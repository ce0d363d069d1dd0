"""All that is open of one procedure, or ended lately, without reading the whole table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0020_passes")]
    operations = [
        migrations.AddIndex("case", models.Index(fields=["procedure", "closed_at"], name="case_procedure")),
    ]
