"""Guessing is slowed down; people who share an address are not locked out by one another's other doings."""

import threading

from minan.lib.throttle import Throttle, subject_of


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_stranger_may_guess_ten_codes_a_minute_and_no_more() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    tried = [throttle.allow("code", "203.0.113.9", per_seconds=60, burst=10) for _ in range(30)]
    assert tried == [True] * 10 + [False] * 20
    assert throttle.wait_seconds("code", "203.0.113.9", 60, 10) == 6
    clock.now += 6.01
    assert throttle.allow("code", "203.0.113.9", 60, 10)
    assert not throttle.allow("code", "203.0.113.9", 60, 10)
    clock.now += 3600
    assert [throttle.allow("code", "203.0.113.9", 60, 10) for _ in range(11)] == [True] * 10 + [False]


def test_one_address_or_purpose_does_not_use_up_anothers() -> None:
    throttle = Throttle(clock=Clock())
    assert throttle.allow("code", "a", 60, 1)
    assert not throttle.allow("code", "a", 60, 1)
    assert throttle.allow("code", "b", 60, 1)
    assert throttle.allow("say", "a", 60, 1)
    assert throttle.wait_seconds("say", "nobody yet", 60, 1) == 0


def test_memory_is_bounded_and_the_one_who_keeps_knocking_is_kept() -> None:
    throttle = Throttle(buckets_max=100, clock=Clock())
    throttle.allow("code", "knocking", 60, 1)
    for n in range(1000):
        throttle.allow("code", str(n), 60, 1)
        assert not throttle.allow("code", "knocking", 60, 1)
    assert len(throttle) == 100


def test_a_clock_set_back_gives_and_takes_nothing() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    assert throttle.allow("code", "a", 60, 2)
    clock.now -= 500
    assert throttle.allow("code", "a", 60, 2)
    assert not throttle.allow("code", "a", 60, 2)


def test_eight_threads_together_get_the_burst_and_not_one_more() -> None:
    throttle = Throttle(clock=Clock())
    allowed: list[bool] = []

    def knock() -> None:
        allowed.extend(throttle.allow("code", "a", 60, 500) for _ in range(500))

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 500


def test_a_household_with_ipv6_is_one_subject() -> None:
    assert subject_of("2001:db8:1:2:aaaa::1") == subject_of("2001:db8:1:2:ffff::9%eth0") == "2001:db8:1:2::/64"
    assert subject_of("2001:db8:1:3::1") != subject_of("2001:db8:1:2::1")
    assert subject_of("::ffff:203.0.113.9") == subject_of("203.0.113.9") == "203.0.113.9"
    assert subject_of("bogus") == subject_of(None) == subject_of("") == "unknown"
