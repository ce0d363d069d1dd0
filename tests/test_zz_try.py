import time, pytest
from django.db import transaction
from tests.matrix import world as w, oracle
@pytest.mark.django_db
def test_w(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with transaction.atomic():
            t=time.time(); x = w.build(); print("built", time.time()-t, len(x.people))
            for l,c in x.cases.items():
                p=x.plans[l]; print(l,c.procedure,c.state,c.desk,c.unit,c.ruler,repr(c.privacy),c.walls,c.marks, c.title,c.text[:40],c.place_words)
                for f,e in (("desk",p.desk),("unit",p.lead),("ruler",p.ruler),("privacy",p.privacy)):
                    if getattr(c,f)!=e: print("   DIFF",f,getattr(c,f),e)
            transaction.set_rollback(True)
