"""Grid operator, marketer, price, contract and user at once: the lowest limit counts, whoever it is from."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy import export, lpc, marketer, ripple, section14a, unbalance
from controller.strategy.claims import Claim, Envelope, Key, Rank, Resolution, resolve
from controller.strategy.orders import orders
from controller.strategy.view import Seen, View

QUARTER = 1_749_999_600.0
RULES: tuple[Any, ...] = (ripple, section14a, lpc, marketer, export, unbalance)
ENVELOPES: dict[Key, Envelope] = {
    ("roof", "feed_in"): Envelope(0.0, 10_000.0),
    ("car", "current"): Envelope(0.0, 16.0, 6.0),
}
SLOT = {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": -3.51}


def site(**grid: Any) -> Site:
    devices: list[dict[str, Any]] = [
        {"name": "roof", "row": 1, "model": "STP 10.0", "peak_power": 10_000.0},
        {"name": "car", "row": 65},
        {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "rse", "row": 143, "receiver": {"coding": "fnn"}},
        {"name": "trader", "row": 144},
        {"name": "prices", "row": 147},
    ]
    return check({"device": devices, "grid": {"section14a": {}, "lpc": {}, "lpp": {}, **grid}})


def decided(
    house: Site,
    contacts: str = "0000",
    *,
    load: float = 400.0,
    sun: float = 9000.0,
    car: float = 0.0,
    lpp: float = 0.0,
    consumption: float | None = None,
    trader: float = 100.0,
    price: bool = False,
    wish: Claim | None = None,
) -> tuple[dict[Key, Resolution], list[Claim]]:
    """What comes of all rules once everything has been there for a quarter of a minute. `lpp`: W allowed, 0 for all."""
    memories = {rule: rule.Memory() for rule in RULES}
    for use, watts in (("LPC", consumption or 0.0), ("LPP", -lpp)):
        memories[lpc] = lpc.heartbeat(memories[lpc], house, use, 0.0)  # type: ignore[arg-type]
        active = consumption is not None if use == "LPC" else lpp > 0
        memories[lpc], _ = lpc.limit(memories[lpc], house, use, watts, active=active, duration=None, now=0.0)  # type: ignore[arg-type]
    claims: list[Claim] = []
    for second in range(16):
        devices = [
            Seen("roof", "pv", {"power": sun}, 10_000.0, can=frozenset({"limit_power"})),
            Seen(
                "car", "charger", {"plugged": True, "power": car}, 11_000.0, can=frozenset({"limit_current", "pause"})
            ),
            Seen("grid", "grid-meter", {"power": load + car - sun}),
            Seen("rse", "ripple", {f"k{i}": each == "1" for i, each in enumerate(contacts, 1)}),
            Seen("trader", "marketer", {"limit_percent": trader}),
            Seen("prices", "tariff", {"prices": [SLOT]} if price else {}),
        ]
        view = View(QUARTER + second, float(second), {each.name: each for each in devices})
        claims = [] if wish is None else [wish]
        for rule in RULES:
            found, memories[rule] = rule.claims(view, house, memories[rule])
            claims += found
    return resolve(claims, ENVELOPES, 16.0), claims


ROOF: Key = ("roof", "feed_in")


@pytest.mark.parametrize(
    ("said", "watts", "source"),
    [
        ({"contacts": "0100"}, 3000.0, "ripple control"),
        ({"contacts": "0100", "lpp": 1500.0}, 1900.0, "LPP"),
        ({"contacts": "0100", "lpp": 7000.0}, 3000.0, "ripple control"),
        ({"contacts": "0100", "lpp": 1500.0, "trader": 10.0}, 1400.0, "direct marketer"),
        ({"contacts": "0100", "lpp": 1500.0, "trader": 10.0, "price": True}, 400.0, "negative price"),
        ({"contacts": "0010", "price": True}, 0.0, "ripple control"),
        ({"trader": 10.0, "load": 2500.5}, 3500.5, "direct marketer"),
    ],
)
def test_the_lowest_of_all_who_limit_feed_in_counts_and_is_named(said: dict[str, Any], watts: float, source: str):
    house = site(negative_prices="no export", export_percent=60.0)
    found = decided(house, **said)[0][ROOF]
    assert found.high == pytest.approx(watts)
    assert found.bound_by is not None and found.bound_by.source == source


def test_a_user_who_wants_more_than_the_grid_operator_gets_what_he_leaves():
    wish = Claim("roof", "feed_in", "at most", 9000.0, Rank.USER, "user", "asked for by hand")
    assert decided(site(), "0010", wish=wish)[0][ROOF].high == 0.0
    wish = Claim("car", "current", "setpoint", 16.0, Rank.USER, "user", "asked for by hand")
    _, claims = decided(site(), "0001", sun=0.0, car=4140.0, wish=wish)
    (order,) = [each for each in orders(claims, ENVELOPES, 16.0) if each.device == "car"]
    assert (order.command, order.value) == ("limit_current", 6.0)
    assert "section 14a" in order.reason


def test_a_user_who_wants_less_gets_that():
    wish = Claim("car", "current", "setpoint", 0.0, Rank.USER, "user", "asked for by hand")
    assert decided(site(), "0001", sun=0.0, car=4140.0, wish=wish)[0]["car", "current"].value == 0.0


def test_of_section_14a_and_lpc_the_stricter_counts():
    assert decided(site(), "0001", sun=0.0, car=4140.0, consumption=9000.0)[0]["car", "current"].high == 6.0
    assert decided(site(), "0001", sun=0.0, car=4140.0, consumption=3000.0)[0]["car", "current"].high == 0.0
    assert decided(site(), "0000", sun=0.0, car=4140.0, consumption=9000.0)[0]["car", "current"].high == 12.4


@settings(max_examples=60, deadline=None)
@given(
    st.text("01", min_size=4, max_size=4), st.floats(0, 9000), st.floats(0, 10_000), st.floats(0, 9000),
    st.floats(0, 100), st.booleans(), st.floats(0, 10_000),
)  # fmt: skip
def test_nothing_that_is_decided_is_looser_than_any_limit(
    contacts: str, load: float, sun: float, lpp: float, trader: float, price: bool, wanted: float
):
    wish = Claim("roof", "feed_in", "at most", wanted, Rank.USER, "user", "asked for by hand")
    house = site(negative_prices="no export", export_power=4000.0)
    said = {"load": load, "sun": sun, "lpp": lpp, "trader": trader, "price": price, "wish": wish}
    found, claims = decided(house, contacts, **said)
    assert all(found[ROOF].high <= claim.value + 1e-9 for claim in claims if claim.device == "roof")
    s1, s2, w3, _ = contacts
    share = 0.0 if w3 == "1" else 30.0 if s2 == "1" else 60.0 if s1 == "1" else 100.0
    assert found[ROOF].high <= 100.0 * share + 1e-9
    for allowed in (lpp or 10_000.0, 100.0 * trader, 0.0 if price else 10_000.0, 4000.0):
        assert found[ROOF].high <= allowed + load + 1e-6
