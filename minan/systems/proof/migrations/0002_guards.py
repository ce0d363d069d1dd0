"""What the database itself refuses: a leaf keeps its place, a checkpoint and a witness's line stand for good."""

from django.db import migrations

SAYS = "what the log holds is never changed or removed"
STANDING = ("proof_checkpoint", "proof_cosignature")
POSTGRES = [
    f"CREATE FUNCTION proof_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$",
    """CREATE TRIGGER leaf_stands BEFORE UPDATE ON proof_leaf FOR EACH ROW WHEN (OLD.city_index IS NOT NULL OR
       (OLD.id, OLD.log, OLD.index, OLD.case_id, OLD.n, OLD.hash) IS DISTINCT FROM (NEW.id, NEW.log, NEW.index, NEW.case_id, NEW.n, NEW.hash))
       EXECUTE FUNCTION proof_stands()""",
    "CREATE TRIGGER leaf_stays BEFORE DELETE ON proof_leaf FOR EACH ROW EXECUTE FUNCTION proof_stands()",
    *(f"CREATE TRIGGER {t}_stands BEFORE UPDATE OR DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION proof_stands()" for t in STANDING),
    *(f"CREATE TRIGGER {t}_stays BEFORE TRUNCATE ON {t} FOR EACH STATEMENT EXECUTE FUNCTION proof_stands()" for t in ("proof_leaf", *STANDING)),
]
POSTGRES_BACK = [
    *(f"DROP TRIGGER {t}_stays ON {t}" for t in ("proof_leaf", *STANDING)),
    *(f"DROP TRIGGER {t}_stands ON {t}" for t in STANDING),
    "DROP TRIGGER leaf_stays ON proof_leaf",
    "DROP TRIGGER leaf_stands ON proof_leaf",
    "DROP FUNCTION proof_stands",
]
SAME = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in ("id", "log", "index", "case_id", "n", "hash"))
SQLITE = [
    f"CREATE TRIGGER leaf_no_update BEFORE UPDATE ON proof_leaf WHEN OLD.city_index IS NOT NULL OR {SAME} BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    f"CREATE TRIGGER leaf_no_delete BEFORE DELETE ON proof_leaf BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    *(
        f"CREATE TRIGGER {t}_no_{verb.lower()} BEFORE {verb} ON {t} BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        for t in STANDING
        for verb in ("UPDATE", "DELETE")
    ),
]
SQLITE_BACK = [
    *(f"DROP TRIGGER {t}_no_{verb}" for t in STANDING for verb in ("update", "delete")),
    "DROP TRIGGER leaf_no_delete",
    "DROP TRIGGER leaf_no_update",
]


def _each(statements, other):
    def run(apps, editor):
        for sql in statements if editor.connection.vendor == "postgresql" else other:
            editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("proof", "0001_initial")]
    operations = [migrations.RunPython(_each(POSTGRES, SQLITE), _each(POSTGRES_BACK, SQLITE_BACK))]
