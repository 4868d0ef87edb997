"""Ripple control: contacts of receivers become limits of generators."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy import ripple
from controller.strategy.claims import Rank
from controller.strategy.contacts import CLASSIC
from controller.strategy.ripple import Memory
from controller.strategy.view import Seen, View

LIMITED = frozenset({"limit_power", "release"})
NONE, K1, K2, K3, K4 = "0000", "1000", "0100", "0010", "0001"
PATTERNS = ["".join(each) for each in product("01", repeat=4)]


def site(*receivers: dict[str, Any], start: str = "limited") -> Site:
    receivers = receivers or ({},)
    rows = [{"name": f"rse{number}", "row": 143, **each} for number, each in enumerate(receivers, 1)]
    house = [{"name": "roof", "row": 1, "model": "STP 8.0"}, {"name": "hybrid", "row": 53}]
    return check({"site": {"start": start}, "device": [*house, *rows]})


def view(now: float, *patterns: str | None, roof: float | None = 8000.0) -> View:
    """`x` in a pattern is a contact that cannot be read, None a receiver that says nothing."""
    devices = [
        Seen("roof", "pv", {}, roof, can=LIMITED),
        Seen("hybrid", "battery", {}, 10_000.0, can=LIMITED | {"charge"}),
        Seen("store", "battery", {}, 5000.0, can=frozenset({"charge", "discharge"})),
    ]
    for number, pattern in enumerate(patterns, 1):
        closed = {f"k{i}": each == "1" for i, each in enumerate(pattern or "xxxx", 1) if each != "x"}
        devices.append(Seen(f"rse{number}", "ripple", closed))
    return View(1_750_000_000.0 + now, now, {each.name: each for each in devices})


def heard(house: Site, *said: tuple[float, str | None] | tuple[float, str | None, str | None]) -> Memory:
    memory = Memory()
    for now, *patterns in said:
        _, memory = ripple.claims(view(now, *patterns), house, memory)
    return memory


def share(memory: Memory, name: str = "rse1") -> float | None:
    return memory.signals[name].value


def test_a_closed_k3_leaves_every_generator_and_hybrid_30_percent_and_says_so():
    claims, _ = ripple.claims(view(1.0, K3), site(), Memory())
    assert {each.device: each.value for each in claims} == {"roof": 2400.0, "hybrid": 3000.0}
    assert {(each.aspect, each.bound, each.rank) for each in claims} == {("feed_in", "at most", Rank.GRID)}
    assert claims[0].reason == "ripple control K3 closed: 30 % of 8000 W"


def test_no_contact_and_k1_claim_nothing():
    for pattern in (NONE, K1):
        claims, memory = ripple.claims(view(1.0, pattern), site(), Memory())
        assert claims == [] and share(memory) == 100.0


def test_a_generator_whose_rating_nobody_knows_may_feed_nothing():
    claims, _ = ripple.claims(view(1.0, K2, roof=None), site(), Memory())
    assert claims[0].value == 0.0
    assert claims[0].reason == "ripple control K2 closed: 60 % of no known rating"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_all_16_patterns_of_the_classic_table_end_in_a_declared_limit(pattern: str):
    memory = heard(site(), (1.0, NONE), (2.0, pattern), (61.9, pattern))
    held = CLASSIC.get(pattern, 100.0)
    assert share(memory) == held
    _, memory = ripple.claims(view(62.1, pattern), site(), memory)
    alone = [value for value, closed in zip((100.0, 60.0, 30.0, 0.0), pattern, strict=True) if closed == "1"]
    assert share(memory) == CLASSIC.get(pattern, min(alone, default=100.0))
    assert memory.signals["rse1"].state == ("valid" if pattern in CLASSIC else "fail-safe")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_all_16_patterns_can_be_given_a_limit_of_their_own(pattern: str):
    table = {each: 100.0 - 6.5 * number for number, each in enumerate(PATTERNS)}
    assert share(heard(site({"patterns": table}), (1.0, pattern))) == table[pattern]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_all_16_patterns_mean_something_in_the_fnn_coding(pattern: str):
    s1, s2, w3, _ = pattern
    expected = 0.0 if w3 == "1" else 30.0 if s2 == "1" else 60.0 if s1 == "1" else 100.0
    assert share(heard(site({"receiver": {"coding": "fnn"}}), (1.0, pattern))) == expected


def test_a_broken_w4_says_nothing_of_generation_but_a_broken_w3_does():
    fnn = site({"receiver": {"coding": "fnn"}})
    assert share(heard(fnn, (1.0, "010x"), (100.0, "010x"))) == 30.0
    assert share(heard(fnn, (1.0, "0100"), (2.0, "01x0"), (61.0, "01x0"))) == 30.0
    assert share(heard(fnn, (1.0, "0100"), (2.0, "01x0"), (62.0, "01x0"))) == 0.0


def test_contacts_that_cannot_be_read_hold_the_limit_and_then_nothing_is_fed():
    memory = heard(site(), (1.0, K2), (10.0, None), (69.9, None))
    assert (share(memory), memory.signals["rse1"].state) == (60.0, "held")
    _, memory = ripple.claims(view(70.0, None), site(), memory)
    assert (share(memory), memory.signals["rse1"].state) == (0.0, "fail-safe")
    _, memory = ripple.claims(view(71.0, K2), site(), memory)
    assert (share(memory), memory.signals["rse1"].state) == (60.0, "valid")


def test_patterns_that_flutter_without_meaning_do_not_hold_for_ever():
    memory = heard(site(), (0.0, NONE))
    for second in range(1, 62):
        _, memory = ripple.claims(view(float(second), "0110" if second % 2 else "011x"), site(), memory)
    assert share(memory) == 30.0


def test_the_installer_sets_how_long_a_limit_is_held_and_what_follows():
    house = site({"receiver": {"hold": 5.5, "fail_safe": 37.0}})
    assert share(heard(house, (0.0, K1), (1.0, "0110"), (6.4, "0110"))) == 100.0
    assert share(heard(house, (0.0, K1), (1.0, "0110"), (6.5, "0110"))) == 37.0


def test_until_something_was_read_nothing_may_be_fed():
    claims, memory = ripple.claims(view(3.0, None), site(), Memory())
    assert [each.value for each in claims] == [0.0, 0.0]
    assert "no signal read yet" in claims[0].reason
    assert memory.signals["rse1"].state == "not read yet"
    assert ripple.claims(view(4.0, K1), site(), memory)[0] == []


def test_a_site_that_starts_free_feeds_until_the_hold_is_over():
    free = site(start="free")
    assert ripple.claims(view(3.0, None), free, Memory())[0] == []
    assert share(heard(free, (3.0, None), (63.0, None))) == 0.0


def test_a_site_without_receiver_is_not_limited():
    house = check({"device": [{"name": "roof", "row": 1, "model": "STP 8.0"}]})
    assert ripple.claims(view(1.0), house, Memory()) == ([], Memory())


def test_of_two_receivers_the_lowest_counts_and_each_has_its_own_hold():
    house = site({}, {})
    memory = heard(house, (1.0, K2, K3), (10.0, K2, None), (50.0, None, None))
    assert (share(memory, "rse1"), share(memory, "rse2")) == (60.0, 30.0)
    claims, memory = ripple.claims(view(75.0, None, None), house, memory)
    assert (share(memory, "rse1"), share(memory, "rse2")) == (60.0, 0.0)
    assert [each.value for each in claims] == [0.0, 0.0]


def test_a_receiver_that_only_dims_does_not_limit_generation():
    house = site({"receiver": {"acts_on": "consumption"}})
    assert ripple.claims(view(1.0, K4), house, Memory()) == ([], Memory())


def test_a_contact_that_is_not_wired_is_open():
    house = site({"line": {"files": ["/k1", "/k2"]}})
    assert share(heard(house, (1.0, "01xx"))) == 60.0
    assert share(heard(house, (1.0, "01xx"), (2.0, "0xxx"), (63.0, "0xxx"))) == 0.0


def test_a_signal_keeps_its_beginning_while_it_says_the_same():
    memory = heard(site(), (5.0, K3), (6.0, K3), (90.0, K3))
    assert (memory.signals["rse1"].since, memory.signals["rse1"].time) == (5.0, 1_750_000_005.0)
    same = ripple.claims(view(91.0, K3), site(), memory)[1]
    assert same is memory


def test_a_step_of_the_wall_clock_changes_no_hold():
    memory = heard(site(), (1.0, K2), (10.0, None))
    late = view(69.0, None)
    _, stepped = ripple.claims(View(late.time - 3600.0, 69.0, late.devices), site(), memory)
    assert share(stepped) == 60.0
    _, stepped = ripple.claims(View(late.time - 3600.0, 70.0, late.devices), site(), stepped)
    assert share(stepped) == 0.0


def test_after_a_restart_nothing_is_fed_until_the_contacts_are_read_even_with_a_limit_known():
    memory = ripple.restored(ripple.kept(heard(site(), (1.0, K3))), 1_750_000_900.0, 17.0)
    claims, _ = ripple.claims(view(18.0, None), site(), memory)
    assert claims[0].value == 0.0
    claims, _ = ripple.claims(view(18.0, None), site(start="free"), memory)
    assert claims[0].value == 2400.0


steps = st.lists(
    st.tuples(st.floats(0.1, 90.0), st.one_of(st.none(), st.text("01x", min_size=4, max_size=4))), max_size=30
)


@given(steps)
def test_a_pattern_that_has_a_meaning_counts_at_once_and_nothing_unclear_outlives_the_hold(said: list[Any]):
    house, memory, now, clear_at = site(), Memory(), 0.0, 0.0
    for pause, pattern in said:
        now += pause
        _, memory = ripple.claims(view(now, pattern), house, memory)
        found = memory.signals["rse1"]
        if pattern in CLASSIC:
            assert (found.value, found.state) == (CLASSIC[pattern], "valid")
            clear_at = now
        elif found.state != "fail-safe":
            unclear = memory.receivers["rse1"].unclear
            assert unclear is not None and clear_at <= unclear <= now < unclear + 60.0
        elif pattern is None or "x" in pattern:
            assert found.value == 0.0
