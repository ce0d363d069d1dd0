"""What the database itself refuses: an event is never changed or removed; a body may only be erased. And the search tables."""

from django.db import migrations

POSTGRES = [
    """CREATE FUNCTION kernel_event_stands() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'an event is never changed or removed'; END $$""",
    "CREATE TRIGGER event_stands BEFORE UPDATE OR DELETE ON kernel_event FOR EACH ROW EXECUTE FUNCTION kernel_event_stands()",
    "CREATE TRIGGER event_stays BEFORE TRUNCATE ON kernel_event FOR EACH STATEMENT EXECUTE FUNCTION kernel_event_stands()",
    "CREATE TRIGGER body_stands BEFORE UPDATE ON kernel_body FOR EACH ROW EXECUTE FUNCTION kernel_event_stands()",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    """CREATE TABLE kernel_search (county varchar(6) NOT NULL, case_id uuid NOT NULL, grams text[] NOT NULL,
       PRIMARY KEY (county, case_id))""",
    "CREATE INDEX kernel_search_grams ON kernel_search USING gin (county, grams)",
]
POSTGRES_BACK = [
    "DROP TABLE kernel_search",
    "DROP TRIGGER body_stands ON kernel_body",
    "DROP TRIGGER event_stays ON kernel_event",
    "DROP TRIGGER event_stands ON kernel_event",
    "DROP FUNCTION kernel_event_stands",
]
# INSERT OR REPLACE removes a row without firing the DELETE trigger, so inserting over an event is refused as well.
SQLITE = [
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON kernel_event BEGIN SELECT RAISE(ABORT, 'an event is never changed or removed'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON kernel_event BEGIN SELECT RAISE(ABORT, 'an event is never changed or removed'); END",
    """CREATE TRIGGER event_no_replace BEFORE INSERT ON kernel_event
       WHEN EXISTS (SELECT 1 FROM kernel_event WHERE id = NEW.id OR (county = NEW.county AND case_id = NEW.case_id AND n = NEW.n))
       BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: an event is never changed or removed'); END""",
    "CREATE TRIGGER body_no_update BEFORE UPDATE ON kernel_body BEGIN SELECT RAISE(ABORT, 'an event is never changed or removed'); END",
    "CREATE VIRTUAL TABLE kernel_search USING fts5(county UNINDEXED, case_id UNINDEXED, words, tokenize='unicode61')",
]
SQLITE_BACK = [
    "DROP TABLE kernel_search",
    "DROP TRIGGER body_no_update",
    "DROP TRIGGER event_no_replace",
    "DROP TRIGGER event_no_delete",
    "DROP TRIGGER event_no_update",
]


def _run(schema_editor, postgres, sqlite):
    with schema_editor.connection.cursor() as cursor:
        for line in postgres if schema_editor.connection.vendor == "postgresql" else sqlite:
            cursor.execute(line)


def forwards(apps, schema_editor):
    _run(schema_editor, POSTGRES, SQLITE)


def backwards(apps, schema_editor):
    _run(schema_editor, POSTGRES_BACK, SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
