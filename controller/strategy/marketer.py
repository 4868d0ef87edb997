"""The direct marketer's set values: feed-in at the connection point in percent or W, the lower counts, and batteries.

What a marketer's device says (what is absent is not said): `limit_percent` of the installed PV peak power,
`limit_power` in W, `battery_setpoint` (W, positive discharging), `sequence` (grows with each message), `sent` (s since
1970, UTC), `validity` (s), `heartbeat` (changes while the sender lives). A message is new when its sequence or time is.
An older one than what was accepted is a replay, one from more than a minute ago or ahead is stale: refused, as is one
without value or out of range, and what stands goes on. One that is valid for a while and asks for nothing frees all.

What batteries are asked for is divided by what each can do; stricter claims of the grid operator and of fuses come
first, users and our own regulation after it. Of several marketers the first one that asks counts.

A set value stands until its validity is over, and no longer than `marketer_hold` s after the last message or
heartbeat; then the marketer asks for nothing and only the law's limits count. Sequences are kept over restarts. A
device that tells neither sequence, time nor heartbeat is heard while it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Any

from controller.sitefile import Site
from controller.strategy import feed_in
from controller.strategy.claims import Claim, Rank
from controller.strategy.export import installed
from controller.strategy.once import settings
from controller.strategy.sharing import Want, shared
from controller.strategy.signals import Signal, State, continued, strictest
from controller.strategy.view import Seen, View

AGE = 60.0  # s that a message may be old, or its sender's clock ahead
TYPICAL = 5000.0  # W, the weight of a battery that nobody knows the rating of
WRAP = 1 << 32  # sequences of 32 bit begin again


@dataclass(frozen=True, slots=True)
class Order:
    """The last message that was accepted. `at`: monotonic s of it, `heard` and `time`: of the last sign of life."""

    percent: float | None
    power: float | None
    validity: float | None
    at: float
    heard: float
    time: float
    sequence: float | None = None
    sent: float | None = None
    heartbeat: float | None = None
    battery: float | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """By marketer: its order, its signal, and why its present message is refused."""

    orders: Mapping[str, Order] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    division: feed_in.Memory = field(default_factory=feed_in.Memory)


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """At most its share for every generator while a marketer asks for less than all, and what batteries are to do."""
    traders = view.of("marketer")
    if not traders:
        return [], memory
    for seen in traders:
        memory = _listen(view, site, seen, memory)
    signal = strictest(memory.signals.values(), "feed-in", installed(view, site))
    allowed, reason = (inf, "") if signal is None else (signal.watts(installed(view, site)), signal.reason)
    found, division = feed_in.claims(
        view, site, feed_in.limited(view), allowed, memory.division,
        rank=Rank.CONNECTION, source="direct marketer", reason=reason,
    )  # fmt: skip
    found += _batteries(view, site, memory)
    return found, memory if division == memory.division else replace(memory, division=division)


def _batteries(view: View, site: Site, memory: Memory) -> list[Claim]:
    """Each battery's part of what the first marketer who asks wants of all together."""
    name, wanted = next(
        ((name, order.battery) for name, order in memory.orders.items() if _counts(memory, name, order)), ("", None)
    )
    if wanted is None:
        return []
    command = "discharge" if wanted > 0 else "charge"
    wants = {
        seen.name: Want(most, weight=TYPICAL if most == inf else most)
        for seen in view
        if command in seen.can and (most := _most(site, seen, command)) > 0
    }
    parts = shared(abs(wanted), wants)
    reason = f"direct marketer: batteries {wanted:+.0f} W{', last value held' if _held(memory, name) else ''}"
    return [
        Claim(each, "battery", "setpoint", part if wanted > 0 else -part, Rank.CONNECTION, "direct marketer", reason)
        for each, part in parts.items()
    ]


def _counts(memory: Memory, name: str, order: Order) -> bool:
    return order.battery is not None and name in memory.signals and memory.signals[name].state in ("valid", "held")


def _held(memory: Memory, name: str) -> bool:
    return memory.signals[name].state == "held"


def _most(site: Site, seen: Seen, command: str) -> float:
    """W that a battery can do this way, infinity where nobody knows."""
    battery = settings(site, seen.name).battery
    most = battery.discharge_power if command == "discharge" else battery.charge_power
    return most or seen.rating or inf


def _listen(view: View, site: Site, seen: Seen, memory: Memory) -> Memory:
    """What one marketer asks for now."""
    before, why = memory.orders.get(seen.name), ""
    order = before
    if seen.reading:
        order, why = heard(before, seen, view.time, view.monotonic)
    signal = continued(memory.signals.get(seen.name), _signal(view, site, seen, order))
    if order is before and signal is memory.signals.get(seen.name) and why == memory.refused.get(seen.name, ""):
        return memory
    orders = memory.orders if order is None else {**memory.orders, seen.name: order}
    return replace(
        memory,
        orders=orders,
        signals={**memory.signals, seen.name: signal},
        refused={**memory.refused, seen.name: why},
    )


def heard(before: Order | None, seen: Seen, time: float, now: float) -> tuple[Order | None, str]:
    """What counts once the device has been read, and why its message is refused, if it is."""
    sequence, sent, heartbeat = seen.number("sequence"), seen.number("sent"), seen.number("heartbeat")
    percent, power, validity = seen.number("limit_percent"), seen.number("limit_power"), seen.number("validity")
    said = Order(percent, power, validity, now, now, time, sequence, sent, heartbeat, seen.number("battery_setpoint"))
    if before is not None and (sequence, sent) == (before.sequence, before.sent):
        beats = heartbeat is not None and heartbeat != before.heartbeat
        if sequence is not None or sent is not None:
            return (replace(before, heartbeat=heartbeat, heard=now, time=time) if beats else before), ""
        if heartbeat is not None and not beats and _values(said) == _values(before):
            return before, ""
    why = _replayed(before, said) or _senseless(said)
    return (before, why) if why else (said, "")


def _values(order: Order) -> tuple[float | None, ...]:
    return order.percent, order.power, order.validity, order.battery


def _replayed(before: Order | None, said: Order) -> str:
    """Why a message is not of now, empty when it is."""
    if said.sent is not None and abs(said.time - said.sent) > AGE:
        return f"sent {said.time - said.sent:.0f} s before it came"
    if before is None:
        return ""
    if before.sent is not None and (said.sent is None or said.sent < before.sent):
        return "no time" if said.sent is None else f"sent {before.sent - said.sent:.0f} s before the one that counts"
    if before.sequence is not None and (said.sequence is None or (said.sent is None and not _follows(before, said))):
        return "no sequence" if said.sequence is None else f"sequence {said.sequence:.0f} after {before.sequence:.0f}"
    return ""


def _follows(before: Order, said: Order) -> bool:
    assert before.sequence is not None and said.sequence is not None
    return 0 < (said.sequence - before.sequence) % WRAP < WRAP / 2


def _senseless(said: Order) -> str:
    """Why a message cannot be followed, empty when it can."""
    if _values(said)[:2] == (None, None) and said.battery is None and said.validity is None:
        return "no value"
    if said.percent is not None and not 0 <= said.percent <= 100:
        return f"{said.percent:g} %"
    if said.power is not None and not (isfinite(said.power) and said.power >= 0):
        return f"{said.power:g} W"
    if said.battery is not None and not isfinite(said.battery):
        return f"{said.battery:g} W of batteries"
    if said.validity is not None and not (isfinite(said.validity) and said.validity >= 0):
        return f"valid for {said.validity:g} s"
    return ""


def _signal(view: View, site: Site, seen: Seen, order: Order | None) -> Signal:
    """What the order still says."""
    hold, now = site.grid.marketer_hold, view.monotonic
    value: float | None = None
    unit: Any = "W"
    state: State = "not read yet"
    reason = "direct marketer: nothing heard"
    if order is not None:
        valid = order.validity is None or now - order.at < order.validity
        state = "expired" if not valid or now - order.heard >= hold else "valid" if seen.reading else "held"
        if state == "expired":
            reason = "direct marketer: its last value has expired"
        else:
            value, unit = _least(view, site, order)
            said = "no limit" if value is None else f"{value:g} {unit}"
            reason = f"direct marketer: {said}{', last value held' if state == 'held' else ''}"
    return Signal(seen.name, "feed-in", value, unit, now, view.time, reason, state)


def _least(view: View, site: Site, order: Order) -> tuple[float | None, str]:
    """The lower of the order's percent and W, in its unit."""
    if order.power is None:
        return order.percent, "%"
    if order.percent is not None and order.percent < 100 and order.percent / 100 * installed(view, site) < order.power:
        return order.percent, "%"
    return order.power, "W"


def signals(memory: Memory) -> tuple[Signal, ...]:
    """What each marketer asks for now."""
    return tuple(memory.signals.values())


def kept(memory: Memory) -> dict[str, Any]:
    """The orders. `time`: s since 1970 of the last sign of life, `lasting`: s that the order was old then."""
    return {
        name: {
            "percent": order.percent, "power": order.power, "validity": order.validity, "sequence": order.sequence,
            "sent": order.sent, "time": order.time, "lasting": order.heard - order.at, "battery": order.battery,
        }
        for name, order in memory.orders.items()
    }  # fmt: skip


def restored(kept: Mapping[str, Any], time: float, monotonic: float) -> Memory:
    """A memory of the orders, which have grown older meanwhile."""
    orders = {}
    for name, was in kept.items():
        heard = monotonic - max(time - was["time"], 0.0)
        orders[name] = Order(
            was["percent"], was["power"], was["validity"], heard - was["lasting"], heard, was["time"],
            was["sequence"], was["sent"], battery=was.get("battery"),
        )  # fmt: skip
    return Memory(orders)
