"""What the database itself refuses besides: a case changes only together with its event, whoever writes it (RELIABILITY.md L1).

Its row may change where its number rises to that of an event which is there, with the hash that the row names; without an
event only its words may be emptied (retention). The event is written first: in one statement on PostgreSQL, whose triggers
run at its end, one after another on SQLite (rows.py).
"""

from django.db import migrations

SAYS = "a case changes only with its event"
WORDS = ("title", "text", "place_words", "lon", "lat", "facts")  # what rows.forget empties
COLUMNS = (
    "id", "county", "code", "procedure", "version", "edition", "state", "moves", "n", "head", "kind", "urgency", "size", "channel",
    "place", "desk", "unit", "ruler", "marks", "outcome", "public", "privacy", "anonymous", "walls", "light", "due_at", "warn_at",
    "parent", "merged_into", "said_at", "opened_at", "changed_at", "closed_at",
)  # fmt: skip
POSTGRES = [
    f"""CREATE FUNCTION kernel_case_with_event() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE emptied kernel_case;
       BEGIN
         IF EXISTS (SELECT 1 FROM kernel_event e WHERE e.county = NEW.county AND e.case_id = NEW.id AND e.n = NEW.n AND e.hash = NEW.head)
            AND (TG_OP = 'INSERT' OR NEW.n > OLD.n) THEN RETURN NULL; END IF;
         IF TG_OP = 'UPDATE' AND NEW.title IN ('', OLD.title) AND NEW.text IN ('', OLD.text)
            AND NEW.place_words IN ('', OLD.place_words) AND (NEW.lon IS NULL OR NEW.lon = OLD.lon)
            AND (NEW.lat IS NULL OR NEW.lat = OLD.lat) AND (NEW.facts = '{{}}' OR NEW.facts = OLD.facts) THEN
           emptied := NEW;
           emptied.title := OLD.title; emptied.text := OLD.text; emptied.place_words := OLD.place_words;
           emptied.lon := OLD.lon; emptied.lat := OLD.lat; emptied.facts := OLD.facts;
           IF emptied IS NOT DISTINCT FROM OLD THEN RETURN NULL; END IF;
         END IF;
         RAISE EXCEPTION '{SAYS}';
       END $$""",
    "CREATE TRIGGER case_with_event AFTER INSERT OR UPDATE ON kernel_case FOR EACH ROW EXECUTE FUNCTION kernel_case_with_event()",
    f"""CREATE FUNCTION kernel_case_stays() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '{SAYS}, and is never removed'; END $$""",
    "CREATE TRIGGER case_stays BEFORE DELETE ON kernel_case FOR EACH ROW EXECUTE FUNCTION kernel_case_stays()",
    "CREATE TRIGGER case_stays_whole BEFORE TRUNCATE ON kernel_case FOR EACH STATEMENT EXECUTE FUNCTION kernel_case_stays()",
]
POSTGRES_BACK = [
    "DROP TRIGGER case_stays_whole ON kernel_case",
    "DROP TRIGGER case_stays ON kernel_case",
    "DROP FUNCTION kernel_case_stays",
    "DROP TRIGGER case_with_event ON kernel_case",
    "DROP FUNCTION kernel_case_with_event",
]
WITH_EVENT = (
    "EXISTS (SELECT 1 FROM kernel_event e WHERE e.county = NEW.county AND e.case_id = NEW.id AND e.n = NEW.n AND e.hash = NEW.head)"
)
EMPTIED = " AND ".join(
    [
        *(f"(NEW.{c} IS OLD.{c} OR NEW.{c} = '')" for c in ("title", "text", "place_words")),
        *(f"(NEW.{c} IS OLD.{c} OR NEW.{c} IS NULL)" for c in ("lon", "lat")),
        "(NEW.facts IS OLD.facts OR NEW.facts = '{}')",
        *(f'NEW."{c}" IS OLD."{c}"' for c in COLUMNS),
    ]
)
SQLITE = [
    f"""CREATE TRIGGER case_with_event_insert BEFORE INSERT ON kernel_case WHEN NOT {WITH_EVENT}
       BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
    f"""CREATE TRIGGER case_with_event_update BEFORE UPDATE ON kernel_case WHEN NOT (NEW.n > OLD.n AND {WITH_EVENT}) AND NOT ({EMPTIED})
       BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
    f"CREATE TRIGGER case_stays BEFORE DELETE ON kernel_case BEGIN SELECT RAISE(ABORT, '{SAYS}, and is never removed'); END",
]
SQLITE_BACK = [
    "DROP TRIGGER case_stays",
    "DROP TRIGGER case_with_event_update",
    "DROP TRIGGER case_with_event_insert",
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
    dependencies = [("kernel", "0007_proposals")]
    operations = [migrations.RunPython(forwards, backwards)]
