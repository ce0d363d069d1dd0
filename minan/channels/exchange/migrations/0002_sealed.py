"""A sealed report's row no longer leads to it, nor does its state say so."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def unlink(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("exchange", "Foreign").objects.using(schema_editor.connection.alias)
    rows.filter(state="sealed").update(state="ended", case_id=None, due_at=None)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [
        migrations.RunPython(unlink, migrations.RunPython.noop),
        migrations.RemoveField(model_name="foreign", name="procedure"),
    ]
