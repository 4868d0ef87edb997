"""The direct marketer's set value: how long it stands, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy import marketer
from controller.strategy.claims import Rank
from controller.strategy.marketer import Memory
from controller.strategy.view import Seen, View

CLOCK = 1_750_000_000.0


def site(hold: float = 600.0) -> Site:
    roof = {"name": "roof", "row": 1, "model": "STP 10.0", "peak_power": 12_000.0}
    others = [{"name": "grid", "row": 112, "function": "grid-meter"}, {"name": "trader", "row": 144}]
    return check({"device": [roof, *others], "grid": {"marketer_hold": hold}})


def view(now: float, said: dict[str, Any] | None, power: float = 9000.0, clock: float = CLOCK) -> View:
    devices = [
        Seen("roof", "pv", {"power": power}, 10_000.0, can=frozenset({"limit_power"})),
        Seen("grid", "grid-meter", {"power": -power}),
        Seen("trader", "marketer", said or {}),
    ]
    return View(clock + now, now, {each.name: each for each in devices})


def after(*looks: tuple[float, dict[str, Any] | None], house: Site | None = None) -> tuple[float | None, Memory]:
    """W that the roof may make at last, None for all."""
    memory, claims = Memory(), []
    for now, said in looks:
        claims, memory = marketer.claims(view(now, said), house or site(), memory)
    return (claims[0].value if claims else None), memory


def test_percent_is_of_the_installed_peak_power_and_feed_in_at_the_connection_point():
    limit, memory = after((0.0, {"limit_percent": 25.0}))
    assert limit == 3000.0
    claims, _ = marketer.claims(view(1.0, {"limit_percent": 25.0}), site(), memory)
    assert (claims[0].rank, claims[0].source) == (Rank.CONNECTION, "direct marketer")
    assert claims[0].reason.startswith("direct marketer: 25 %")


def test_of_percent_and_watts_the_lower_counts_and_100_percent_is_no_limit():
    assert after((0.0, {"limit_percent": 25.0, "limit_power": 1234.5}))[0] == 1234.5
    assert after((0.0, {"limit_percent": 5.0, "limit_power": 1234.5}))[0] == 600.0
    assert after((0.0, {"limit_percent": 100.0}))[0] is None


def test_nothing_counts_before_a_marketer_was_heard():
    limit, memory = after((0.0, None))
    assert limit is None and memory.signals["trader"].state == "not read yet"


def test_a_lost_marketer_is_held_for_a_while_and_then_only_the_law_counts():
    said = {"limit_power": 2000.0, "sequence": 7}
    limit, memory = after((0.0, said), (1.0, None), (599.0, None))
    assert (limit, memory.signals["trader"].state) == (2000.0, "held")
    limit, memory = after((0.0, said), (1.0, None), (600.0, None))
    assert (limit, memory.signals["trader"].state) == (None, "expired")


def test_a_message_that_is_only_read_again_and_again_is_not_heard_again():
    said = {"limit_power": 2000.0, "sequence": 7}
    assert after((0.0, said), (300.0, said), (599.0, said))[0] == 2000.0
    assert after((0.0, said), (300.0, said), (600.0, said))[0] is None


def test_a_heartbeat_keeps_a_set_value_alive_but_not_beyond_its_validity():
    said = {"limit_power": 2000.0, "sequence": 7, "validity": 900.0}
    looks = [(float(now), said | {"heartbeat": now}) for now in range(0, 900, 50)]
    assert after(*looks)[0] == 2000.0
    limit, memory = after(*looks, (900.0, said | {"heartbeat": 900}))
    assert (limit, memory.signals["trader"].state) == (None, "expired")


def test_without_marks_a_device_is_heard_while_it_is_read():
    said = {"limit_power": 2000.0}
    assert after(*((now * 500.0, said) for now in range(9)))[0] == 2000.0
    dead = {"limit_power": 2000.0, "heartbeat": 17}
    assert after(*((now * 500.0, dead) for now in range(9)))[0] is None


@pytest.mark.parametrize(
    ("replay", "why"),
    [
        ({"limit_percent": 100.0, "sequence": 41}, "sequence 41 after 42"),
        ({"limit_percent": 100.0, "sequence": 43 + 2**31}, "after 42"),
        ({"limit_percent": 100.0}, "no sequence"),
    ],
)
def test_a_replayed_sequence_is_refused_and_what_stands_goes_on(replay: dict[str, Any], why: str):
    limit, memory = after((0.0, {"limit_percent": 10.0, "sequence": 42}), (1.0, replay))
    assert limit == 1200.0 and why in memory.refused["trader"]


@pytest.mark.parametrize(
    ("sent", "why"), [(-61.0, "65 s before it came"), (66.0, "-62 s before"), (-3.0, "3 s before")]
)
def test_a_message_of_another_time_is_refused(sent: float, why: str):
    good = {"limit_percent": 10.0, "sequence": 42, "sent": CLOCK}
    limit, memory = after((0.0, good), (4.0, {"limit_percent": 100.0, "sequence": 43, "sent": CLOCK + sent}))
    assert limit == 1200.0 and why in memory.refused["trader"]


@pytest.mark.parametrize(
    "senseless",
    [
        {"limit_percent": -0.5},
        {"limit_percent": 100.5},
        {"limit_power": -1.0},
        {"limit_power": float("nan")},
        {"limit_power": 70_000.0, "validity": -1.0},
        {},
        {"battery_setpoint": float("inf")},
    ],
)
def test_values_that_cannot_be_are_refused_and_nothing_new_counts(senseless: dict[str, Any]):
    limit, memory = after((0.0, {"limit_percent": 10.0, "sequence": 1}), (1.0, {**senseless, "sequence": 2}))
    assert limit == 1200.0 and memory.refused["trader"]
    assert after((0.0, {**senseless, "sequence": 2}))[0] is None


def test_a_sequence_of_32_bit_begins_again_and_a_new_time_makes_up_for_a_sequence_that_did():
    last = {"limit_percent": 10.0, "sequence": 2**32 - 1}
    assert after((0.0, last), (1.0, {"limit_percent": 20.0, "sequence": 0}))[0] == 2400.0
    dated = {"limit_percent": 10.0, "sequence": 900, "sent": CLOCK}
    assert after((0.0, dated), (9.0, {"limit_percent": 20.0, "sequence": 1, "sent": CLOCK + 9.0}))[0] == 2400.0


def test_a_replay_is_refused_after_a_restart_too_and_an_order_grows_old_over_it():
    _, memory = after((0.0, {"limit_percent": 10.0, "sequence": 42}))
    again = marketer.restored(marketer.kept(memory), CLOCK + 300.0, 5.0)
    claims, _ = marketer.claims(view(6.0, {"limit_percent": 90.0, "sequence": 42}, clock=CLOCK + 295.0), site(), again)
    assert claims[0].value == 1200.0
    claims, found = marketer.claims(
        view(6.0, {"limit_percent": 90.0, "sequence": 41}, clock=CLOCK + 295.0), site(), again
    )
    assert claims[0].value == 1200.0 and found.refused["trader"]
    assert marketer.claims(view(305.0, None, clock=CLOCK + 295.0), site(), again)[0] == []


def test_a_step_of_the_wall_clock_changes_no_hold():
    _, memory = after((0.0, {"limit_percent": 10.0, "sequence": 42}))
    claims, _ = marketer.claims(view(599.0, None, clock=CLOCK + 3600.0), site(), memory)
    assert claims[0].value == 1200.0


messages = st.fixed_dictionaries(
    {},
    optional={
        "limit_percent": st.floats(-10, 110),
        "limit_power": st.floats(-100, 90_000),
        "sequence": st.integers(0, 40),
        "sent": st.floats(CLOCK - 200, CLOCK + 3000),
        "validity": st.floats(-1, 900),
        "heartbeat": st.integers(0, 5),
    },
)


@given(st.lists(st.tuples(st.floats(0.5, 200), st.one_of(st.none(), messages)), max_size=25))
def test_no_order_outlives_its_hold_and_its_validity_and_no_sequence_goes_back(said: list[Any]):
    memory, now, house, last = Memory(), 0.0, site(), None
    for pause, message in said:
        now += pause
        _, memory = marketer.claims(view(now, message), house, memory)
        order = memory.orders.get("trader")
        if order is None:
            continue
        if memory.signals["trader"].limits:
            assert now - order.heard < 600.0
            assert order.validity is None or now - order.at < order.validity
        if last is not None and order.sent is None and None not in (order.sequence, last):
            assert order.sequence >= last
        last = order.sequence if order.sent is None else None


def stored(*batteries: tuple[str, float | None], **said: Any) -> dict[str, float]:
    """W of each battery that a marketer's message asks for."""
    names = [{"name": name, "row": 39, "model": "SBS 5.0"} for name, _ in batteries]
    house = check({"device": [*names, {"name": "trader", "row": 144}]})
    can = frozenset({"charge", "discharge"})
    seen = [Seen(name, "battery", {}, rating, can=can) for name, rating in batteries]
    devices = [*seen, Seen("trader", "marketer", {"sequence": 1, "validity": 900.0, **said})]
    found, _ = marketer.claims(View(CLOCK, 0.0, {each.name: each for each in devices}), house, Memory())
    assert all(claim.rank == Rank.CONNECTION and claim.bound == "setpoint" for claim in found)
    return {claim.device: claim.value for claim in found}


def test_batteries_get_parts_of_one_set_value_by_what_they_can_do():
    assert stored(("small", 2500.0), ("large", 5000.0), battery_setpoint=3000.0) == {"small": 1000.0, "large": 2000.0}
    assert stored(("small", 2500.0), ("large", 5000.0), battery_setpoint=-9000.0) == {
        "small": -2500.0, "large": -5000.0,
    }  # fmt: skip
    assert stored(("new", None), battery_setpoint=-70_000.0) == {"new": -70_000.0}


def test_a_set_value_of_nothing_holds_batteries_still_and_none_leaves_them_alone():
    assert stored(("small", 2500.0), battery_setpoint=0.0) == {"small": 0.0}
    assert stored(("small", 2500.0)) == {}


def test_what_batteries_are_to_do_ends_with_its_validity_and_outlives_a_restart():
    said = {"battery_setpoint": -1234.5, "sequence": 7, "validity": 300.0}
    _, memory = after((0.0, said))
    assert memory.orders["trader"].battery == -1234.5
    again = marketer.restored(marketer.kept(memory), CLOCK + 100.0, 0.0)
    assert again.orders["trader"].battery == -1234.5
    _, memory = after((0.0, said), (300.0, said))
    assert memory.signals["trader"].state == "expired"


def test_a_message_that_asks_for_nothing_frees_all():
    limit, memory = after((0.0, {"limit_power": 2000.0, "sequence": 1}), (1.0, {"sequence": 2, "validity": 900.0}))
    assert limit is None and not memory.refused["trader"]
