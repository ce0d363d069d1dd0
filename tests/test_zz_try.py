import pytest, time, os, difflib
from tests.matrix.fixture import town
from tests.test_p2_matrix import *
from tests.matrix.cells import cells
@pytest.mark.django_db
def test_m(town):
    print(len(list(cells(town, 11))))
    who=[n for n,p in town.people.items() if (p.role in("supervisor","clerk") or p.at[0]<0) and not any(oracle.works_on(p, town.plans[l]) for l in "CDI")]
    print(who)
    b=numbers(town,who)
    with transaction.atomic():
        for c in shut_ones(): print(c.code, c.privacy, c.walls, c.desk, c.unit)
        a=numbers(town,who); transaction.set_rollback(True)
    for k in b:
        if a[k]!=b[k]:
            print("MOVED",k)
            x,y=b[k].decode().splitlines(),a[k].decode().splitlines()
            print("\n".join(l[:200] for l in difflib.unified_diff(x,y,n=1,lineterm="")))
