from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0011_callers"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="question", name="question_once"),
        migrations.AddField(model_name="question", name="since", field=models.PositiveIntegerField(default=1)),
        migrations.AddField(
            model_name="question", name="until", field=models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("kind", "code", "since"), name="question_once"),
        ),
        migrations.AddField(
            model_name="standardanswer", name="kind", field=models.CharField(blank=True, max_length=40)
        ),
        migrations.AddField(
            model_name="standardanswer", name="state", field=models.CharField(blank=True, max_length=24)
        ),
    ]
