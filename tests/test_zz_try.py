import pytest, time, cProfile, pstats, os
from tests.matrix.fixture import town
from tests.test_p2_matrix_full import part
@pytest.mark.django_db
def test_x(town):
    a,b,c=[int(v) for v in os.environ["MX"].split(",")]
    r, s = part(town, a, c, b)
    print(r); print("seconds", s, r.seen)
    from collections import Counter
    k=Counter(l.split(") ",1)[1] for l in r.leaks)
    for l,n in k.most_common(150): print("LEAK",n,l[:700])
@pytest.mark.django_db
def test_prof(town):
    import cProfile,pstats
    pr=cProfile.Profile(); pr.enable()
    r,s=part(town, 12, 16, 60)
    pr.disable()
    print(sum(r.cells.values()), s, r.leaks[:10])
    pstats.Stats(pr).sort_stats("cumtime").print_stats(70)
