from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0009_looks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["county", "parent"], name="case_children"
            ),
        ),
    ]
