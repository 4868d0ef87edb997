"""The marketer's side of marketer-assumed-v1: a Modbus client with a clock of its own.

It writes what it asks for (102 to 109, then the sequence at 100, last) when that changes and again when half of the
validity is over, changes the heartbeat (110), looks at the plant (0 to 23) and checks that its sequence has been
acknowledged. `operator` has what a marketer with a broken system does.
"""

import struct
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.wires import calling
from emulators.wires.calling import NoAnswer, Request
from emulators.wires.device import Device
from emulators.wires.linefaults import garbage, silent
from emulators.wires.wire import Out
from twin.marketer import Marketer

PROFILE = 0x564D0001
MONITOR, MONITORED = 0, 24  # address, registers
SEQUENCE, VALUES, HEARTBEAT = 100, 102, 110
NOT_USED, FREE = -1, -0x8000_0000
GRID_OPERATOR, OTHERS, NOBODY = 1, 3, 9
WRAP = 1 << 31
INFINITY = float("inf")
MESSAGE, ODD, BEAT, LOOK = "message", "odd message", "heartbeat", "look"


class Caller:
    """A CallingStation."""

    def __init__(self, twin: Marketer, facts: Mapping[str, Any], device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts, device
        self.patience = float(facts["patience"])
        self.unit = device.unit
        twin.sequence = int(device.clock()) % WRAP  # grows over restarts
        self._queue: deque[Request] = deque()
        self._under_way: Request | None = None
        self._transaction = 0
        self._said: tuple[Any, ...] | None = None  # the wishes that stand there
        self._beat_at = self._look_at = self._not_before = device.clock()
        self._renew_at = self._judge_at = INFINITY
        self._mute = False
        self.refusals: list[tuple[str, int]] = []  # what was refused, with which exception; the newest
        self.unanswered = 0
        self.operator: dict[str, Callable[..., None]] = {
            "replay": self.replay, "stale": self.stale, "wrong_unit": self.wrong_unit, "wrong_role": self.wrong_role,
            "partial": self.partial, "single_register": self.single_register, "out_of_range": self.out_of_range,
            "silence": self.silence, "speak": self.speak, "stop_heartbeat": self.stop_heartbeat,
            "start_heartbeat": self.start_heartbeat,
        }  # fmt: skip

    # a CallingStation

    def due(self, now: float) -> float:
        if self._mute or silent(self._device.faults):
            return INFINITY
        if self._queue or self._twin.wishes != self._said:
            return max(now, self._not_before)
        beat = self._beat_at if self._twin.beating else INFINITY
        return max(min(beat, self._look_at, self._renew_at, self._judge_at), self._not_before)

    def call(self) -> Out:
        now = self._device.wake()
        if not self._queue:
            self._queue.extend(self._wanted(now))
        self._under_way = request = self._queue.popleft()
        self._transaction = self._transaction % 0xFFFF + 1
        return self._spoilt(request)

    def heard(self, reply: bytes) -> None:
        request, self._under_way = self._under_way, None
        now = self._device.wake()
        if request is None:
            return
        try:
            pdu = calling.answered(self._transaction, request, reply)
        except NoAnswer:
            self.unanswered += 1
            self._again(now)
            return
        if pdu[0] & calling.REFUSED:
            self._refused(request.purpose, pdu[1])
            if request.purpose == MESSAGE:
                self._again(now)
        elif request.purpose == LOOK and len(pdu) == 2 + 2 * MONITORED:
            self._look(struct.unpack(f">{MONITORED // 2}i", pdu[2:]), now)

    def _again(self, now: float) -> None:
        """What it wanted to say has not arrived: all of it once more, a while later."""
        if any(each.purpose == BEAT for each in self._queue):  # never sent
            self._twin.heartbeat -= 1
            self._beat_at = now
        self._queue.clear()
        self._said = None
        self._not_before = now + float(self._facts["retry"])

    def reboot(self) -> None:
        """Its system restarts: it asks for the same again, with a new sequence."""
        self._queue.clear()
        self._said = None

    # what it says

    def _wanted(self, now: float) -> list[Request]:
        """What it is time for."""
        twin, found = self._twin, []
        if twin.wishes != self._said or now >= self._renew_at:
            self._said = twin.wishes
            twin.sequence = (twin.sequence + 1) % WRAP
            found += self.message(twin.sequence)
            self._renew_at = now + twin.validity / 2
            self._judge_at = now + float(self._facts["acknowledged"])
        if twin.beating and now >= self._beat_at:
            twin.heartbeat = (twin.heartbeat + 1) % WRAP
            found.append(Request(BEAT, self.unit, calling.write(HEARTBEAT, _long(twin.heartbeat))))
            self._beat_at = now + float(self._facts["heartbeat"])
        if now >= min(self._look_at, self._judge_at):
            found.append(Request(LOOK, self.unit, calling.read(MONITOR, MONITORED)))
            self._look_at = now + float(self._facts["poll"])
            self._judge_at = INFINITY if now >= self._judge_at else self._judge_at
        return found or [Request(LOOK, self.unit, calling.read(MONITOR, MONITORED))]

    def message(self, sequence: int) -> list[Request]:
        """Values, then the sequence that makes them count."""
        return self._written(MESSAGE, sequence, self.unit, {})

    def _odd(self, sequence: int, other: Mapping[str, float], unit: int | None = None) -> None:
        """Another message than is wished: raw values, a unit id."""
        self._queue.extend(self._written(ODD, sequence, self.unit if unit is None else unit, other))

    def _written(self, purpose: str, sequence: int, unit: int, other: Mapping[str, float]) -> list[Request]:
        twin = self._twin
        percent, power = twin.limit_percent, twin.limit_power
        values = {
            "percent": NOT_USED if percent is None else round(10 * percent),
            "power": NOT_USED if power is None else round(power),
            "battery": FREE if twin.battery_setpoint is None else -round(twin.battery_setpoint),
            "validity": round(twin.validity), **other,
        }  # fmt: skip
        data = b"".join(_long(int(value)) for value in values.values())
        return [
            Request(purpose, unit, calling.write(VALUES, data)),
            Request(purpose, unit, calling.write(SEQUENCE, _long(sequence))),
        ]

    def _refused(self, what: str, code: int) -> None:
        self.refusals.append((what, code))
        del self.refusals[:-1000]

    def _look(self, values: tuple[int, ...], now: float) -> None:
        """What the plant shows of itself, in the house's signs."""
        twin = self._twin
        profile, state, grid, solar, charging, soc, available, installed, limit, setpoint, done, why = values[:12]
        if profile != PROFILE:
            self._refused("profile", profile)
            return
        twin.plant_state, twin.acknowledged, twin.rejected = state, done, why
        twin.grid_power, twin.power = _told(grid), _told(-grid)
        twin.pv_power, twin.battery_power, twin.soc = _told(solar), _told(-charging), _told(soc, 0.1)
        twin.available_power, twin.installed_power = _told(available), _told(installed)
        twin.effective_limit = None if limit == NOT_USED else _told(limit)
        twin.effective_setpoint = _told(-setpoint)

    def _spoilt(self, request: Request) -> Out:
        """The request as it goes on the wire, with what is broken about it."""
        faults, data = self._device.faults, calling.framed(self._transaction, request)
        healthy = data
        if "noise" in faults:
            data = garbage(len(data))
        if "wrong-unit" in faults:
            data = data[:6] + bytes(((data[6] + 6) % 248,)) + data[7:]
        if "wrong-function" in faults:
            data = data[:7] + bytes((data[7] ^ 0x47,)) + data[8:]
        if "short-count" in faults or "odd-bytes" in faults:
            pdu = request.pdu[: -2 if "short-count" in faults else -1]
            data = calling.framed(self._transaction, Request(request.purpose, request.unit, pdu))
        if "long-count" in faults:
            pdu = request.pdu + b"\x12\x34"
            data = calling.framed(self._transaction, Request(request.purpose, request.unit, pdu))
        if "duplicate-reply" in faults:
            data = data * 2
        out = Out(data[: len(data) // 2], 0.0, True) if "reset-mid-reply" in faults else Out(data)
        faults.acted(out != Out(healthy))
        return out

    # what a marketer with a broken system does

    def replay(self, limit_percent: float = 3.0) -> None:
        """The message before the last one again, with another value."""
        self._odd(self._twin.sequence - 1, {"percent": 10 * limit_percent})

    def stale(self, seconds: float = 3600.0, limit_percent: float = 3.0) -> None:
        """A message that has been lying about for so long."""
        self._odd(int(self._twin.sequence - seconds), {"percent": 10 * limit_percent})

    def wrong_unit(self, unit: int = NOBODY) -> None:
        """A message for a unit id at which nobody is."""
        self._odd(self._twin.sequence + 1, {"percent": 30}, unit)

    def wrong_role(self, unit: int = OTHERS) -> None:
        """A message at the unit id of somebody who may only look."""
        self._odd(self._twin.sequence + 1, {"percent": 30}, unit)

    def partial(self, address: int = VALUES + 1) -> None:
        """One register of a value that has two."""
        self._queue.append(Request(ODD, self.unit, calling.write(address, b"\0\x1e")))

    def single_register(self, address: int = VALUES) -> None:
        """The function for a single register, where all values have two."""
        self._queue.append(Request(ODD, self.unit, calling.write_one(address, 30)))

    def out_of_range(self, percent: float = 100.1, validity: float | None = None) -> None:
        """A message with a value that there is not, and a sequence as it should be."""
        other = {"percent": 10 * percent} | ({} if validity is None else {"validity": validity})
        self._twin.sequence = (self._twin.sequence + 1) % WRAP
        self._odd(self._twin.sequence, other)

    def silence(self) -> None:
        """It is not heard of any more."""
        self._mute = True

    def speak(self) -> None:
        self._mute = False
        self._said = None

    def stop_heartbeat(self) -> None:
        """It asks and looks, and its heartbeat stands."""
        self._twin.beating = False

    def start_heartbeat(self) -> None:
        self._twin.beating = True
        self._beat_at = self._device.clock()


def _told(value: int, scale: float = 1.0) -> float | None:
    """A value of the plant, None where it has none."""
    return None if abs(value) == WRAP else value * scale


def _long(value: int) -> bytes:
    """32 bits, high word first."""
    return struct.pack(">i", (value + WRAP) % (2 * WRAP) - WRAP)


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    if not isinstance(device.twin, Marketer):
        raise BrokenProfile(family.file, "kind", "direct-marketing")
    device.unit = int(facts.more["unit"]) if order.unit is None else order.unit
    device.id = f"{order.row}-{device.unit}"
    caller = Caller(device.twin, facts.more, device)
    device.face, device.operator = caller, caller.operator
    return Installation(family, order.protocol, [device], caller)
