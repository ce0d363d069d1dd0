"""The list of what the search index has not yet sorted in is kept short: every search reads all of it (PostgreSQL)."""

from django.db import migrations


def _set(schema_editor, line):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(line)


def forwards(apps, schema_editor):
    _set(schema_editor, "ALTER INDEX kernel_search_grams SET (gin_pending_list_limit = 128)")  # kB; else 4 MB


def backwards(apps, schema_editor):
    _set(schema_editor, "ALTER INDEX kernel_search_grams RESET (gin_pending_list_limit)")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_open_lists")]
    operations = [migrations.RunPython(forwards, backwards)]
