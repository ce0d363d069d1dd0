"""Articles of law and rules by kind of matter 法条, with the day on which each was last held against what is published."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0021_help")]
    operations = [
        migrations.CreateModel(
            name="Article",
            fields=[
                ("code", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("group", models.CharField(blank=True, max_length=24)),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("law", models.CharField(max_length=80)),
                ("article", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=60)),
                ("title_en", models.CharField(max_length=80)),
                ("text", models.TextField()),
                ("text_en", models.TextField(blank=True)),
                ("source", models.CharField(blank=True, max_length=200)),
                ("checked", models.DateField(blank=True, null=True)),
                ("days", models.PositiveSmallIntegerField(default=365)),
                ("active", models.BooleanField(default=True)),
            ],
        ),
    ]
