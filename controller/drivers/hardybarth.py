"""Drives charging points behind an echarge Hardy Barth eCB1, and reads the meters that it knows, over HTTP and JSON.

Some boxes lock up under parallel requests: one at a time, and what is less than a second old is not asked for again.
A current counts in mode "manual" only. The device has no heartbeat: it keeps what it was told.
"""

from collections.abc import Mapping
from math import floor
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.shared.keys import Call, Key, json_object
from controller.drivers.shared.possible import Doubts
from controller.errors import Garbled, Refused, WrongDevice
from controller.ports import Clock, Http

FRESH = 0.9  # s an answer is good for
STOPPED, CHARGING = 17, 5  # stateid
NOT_FOUND = 404  # what an eCB1 says of a charge control or a meter that it has not
MANUAL = "manual"


class Phases:
    """Currents and voltages, as meters and charging points name them alike."""

    current_l1 = Key("1-0:31.4.0", 1, "A", optional=True)
    current_l2 = Key("1-0:51.4.0", 1, "A", optional=True)
    current_l3 = Key("1-0:71.4.0", 1, "A", optional=True)
    voltage_l1 = Key("1-0:32.4.0", 1, "V", optional=True)
    voltage_l2 = Key("1-0:52.4.0", 1, "V", optional=True)
    voltage_l3 = Key("1-0:72.4.0", 1, "V", optional=True)


class Ecb1:
    """The eCB1's API as one client uses it."""

    def __init__(self, line: Http, clock: Clock) -> None:
        self._line, self._clock = line, clock
        self._seen: dict[str, tuple[float, Mapping[str, object]]] = {}

    async def get(self, call: Call, number: int) -> Mapping[str, object]:
        """The object of a page, at most `FRESH` seconds old."""
        path, now = call.path.format(number), self._clock.monotonic()
        at, found = self._seen.get(path, (float("-inf"), {}))
        if now - at < FRESH:
            return found
        body = await self._ask(call.method, path)
        inner = json_object(body).get(call.key)
        if not isinstance(inner, dict):
            raise Garbled(f"no {call.key!r} in the answer to {path}", raw=body)
        self._seen[path] = (now, inner)
        return inner

    async def tell(self, call: Call, number: int, value: str = "") -> None:
        """Give a command; without a form field it goes out empty, with a length of 0."""
        self._seen.clear()
        body = f"{call.key}={value}".encode() if call.key else b""
        kind = "application/x-www-form-urlencoded" if body else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(body))}  # without a length: status 411
        await self._ask(call.method, call.path.format(number), body, headers)

    def forget(self) -> None:
        self._seen.clear()

    async def _ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:  # fmt: skip
        answer = await self._line.request(method, path, body=body, headers=headers)
        if not 200 <= answer.status < 300:
            raise Refused(answer.status, raw=answer.body)
        return answer.body


class EcbMeter(Phases):
    """A meter of an eCB1, its own or one that it reads: `unit` is its number there. Others' meters tell less.

    Source: iisys-hof/libECB1, MeterConfig.java (OBIS keys); W and kWh as real devices send them in evcc issue 16041.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {127: ("http",)}
    kind: ClassVar[Kind] = "electricity-meter"
    default_unit: ClassVar[int] = 1
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 3.0

    meter = Call("GET", "/api/v1/meters/{}", "meter")

    import_power = Key("1-0:1.4.0", 1, "W")
    export_power = Key("1-0:2.4.0", 1, "W", optional=True)
    import_power_l1 = Key("1-0:21.4.0", 1, "W", optional=True)
    export_power_l1 = Key("1-0:22.4.0", 1, "W", optional=True)
    import_power_l2 = Key("1-0:41.4.0", 1, "W", optional=True)
    export_power_l2 = Key("1-0:42.4.0", 1, "W", optional=True)
    import_power_l3 = Key("1-0:61.4.0", 1, "W", optional=True)
    export_power_l3 = Key("1-0:62.4.0", 1, "W", optional=True)
    power_factor = Key("1-0:13.4.0", optional=True)
    import_energy = Key("1-0:1.8.0", 1000, "Wh", optional=True)
    export_energy = Key("1-0:2.8.0", 1000, "Wh", optional=True)

    def __init__(
        self, line: Http, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.row, self.model = line, clock, row, model
        self.unit = self.default_unit if unit is None else unit
        self.doubts: Doubts = {}  # why values are absent that the device told
        self._api = Ecb1(line, clock)

    def lost(self) -> None:
        self._api.forget()

    async def identify(self) -> Identity:
        meter = await self._api.get(self.meter, self.unit)
        data(meter)
        kind = str(meter.get("type", ""))
        return Identity(
            "echarge Hardy Barth", "eCB1" if kind.startswith("eCB1") else kind, str(meter.get("serial", ""))
        )

    async def read(self) -> Reading:
        found = data(await self._api.get(self.meter, self.unit))
        self.doubts.clear()
        reading: dict[str, Value] = {
            "power": net(found, self.import_power, self.export_power, self.doubts),
            "power_l1": net(found, self.import_power_l1, self.export_power_l1, self.doubts),
            "power_l2": net(found, self.import_power_l2, self.export_power_l2, self.doubts),
            "power_l3": net(found, self.import_power_l3, self.export_power_l3, self.doubts),
        }
        singles = (
            self.current_l1, self.current_l2, self.current_l3, self.voltage_l1, self.voltage_l2, self.voltage_l3,
            self.power_factor, self.import_energy, self.export_energy,
        )  # fmt: skip
        return reading | {key.name: key.number(found, self.doubts) for key in singles}


class EcbCharger(Phases):
    """cPH1 and cPµ1 charging points: `unit` is the number of the charge control, and of the meter that goes with it.

    Source: apidoc.ecb1.de as in evcc-io/evcc:charger/hardybarth-ecb1.go and iisys-hof/libECB1; answers of real devices
    in evcc pull request 3351.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {83: ("http",), 84: ("http",)}
    kind: ClassVar[Kind] = "charging-station"
    default_unit: ClassVar[int] = 1
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    control = Call("GET", "/api/v1/chargecontrols/{}", "chargecontrol")
    meter = Call("GET", "/api/v1/meters/{}", "meter")
    set_mode = Call("POST", "/api/v1/chargecontrols/{}/mode", "mode")
    set_current = Call("POST", "/api/v1/chargecontrols/{}/mode/manual/ampere", "manualmodeamp")
    start = Call("POST", "/api/v1/chargecontrols/{}/start")
    stop = Call("POST", "/api/v1/chargecontrols/{}/stop")

    plugged = Key("connected")
    state = Key("stateid")
    mode = Key("mode")
    current_limit = Key("manualmodeamp", 1, "A")
    minimum = Key("evminamp", 1, "A", optional=True)
    maximum = Key("supplylinemaxamp", 1, "A", optional=True)

    import_power = Key("1-0:1.4.0", 1, "W")
    export_power = Key("1-0:2.4.0", 1, "W", optional=True)
    power_l1 = Key("1-0:21.4.0", 1, "W", optional=True)
    power_l2 = Key("1-0:41.4.0", 1, "W", optional=True)
    power_l3 = Key("1-0:61.4.0", 1, "W", optional=True)
    energy = Key("1-0:1.8.0", 1000, "Wh", optional=True)

    def __init__(
        self, line: Http, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.row, self.model = line, clock, row, model
        self.unit = self.default_unit if unit is None else unit
        self.armed = False
        self.doubts: Doubts = {}  # why values are absent that the device told
        self._api = Ecb1(line, clock)
        self._mode = ""  # what the station was in before it was commanded, if not manual
        self._paused = False

    def lost(self) -> None:
        self.armed = False
        self._api.forget()

    async def identify(self) -> Identity:
        try:
            control = await self._api.get(self.control, self.unit)
        except Refused as no:
            if no.code != NOT_FOUND:
                raise
            raise WrongDevice(f"an eCB1 without charge control {self.unit} ({no})", ["Cph1", "cPμ1"]) from no
        if self.state.key not in control or (self.maximum.key in control and self.maximum.number(control) is None):
            raise WrongDevice("a charge control without a largest current", ["Cph1", "cPμ1"])
        name = {83: "cPμ1", 84: "Cph1"}.get(self.row, "eCB1")
        return Identity("echarge Hardy Barth", name)

    async def read(self) -> Reading:
        control = await self._api.get(self.control, self.unit)
        found = data(await self._api.get(self.meter, self.unit))
        self.doubts.clear()
        state, plugged = self.state.number(control), self.plugged.flag(control)
        charging = state == CHARGING
        reading: dict[str, Value] = {
            "power": net(found, self.import_power, self.export_power, self.doubts),
            "plugged": plugged,
            "vehicle": None if plugged is None else "C" if charging else "B" if plugged else "A",
            "enabled": state != STOPPED,
            "status": "running" if charging else "standby",
        }
        if self.mode.text(control) == MANUAL:
            reading["current_limit"] = self.current_limit.number(control)
        singles = (
            self.power_l1, self.power_l2, self.power_l3, self.current_l1, self.current_l2, self.current_l3,
            self.voltage_l1, self.voltage_l2, self.voltage_l3, self.energy,
        )  # fmt: skip
        return reading | {key.name: key.number(found, self.doubts) for key in singles}

    async def limit_current(self, amperes: float) -> None:
        control = await self._arm()
        minimum, maximum = self.minimum.number(control) or 6.0, self.maximum.number(control) or 16.0
        whole = floor(min(amperes, maximum) + 1e-6)
        if whole < minimum:
            await self.pause()
            return
        if whole != self.current_limit.number(control):
            await self._api.tell(self.set_current, self.unit, str(whole))
        if self._paused or self.state.number(control) == STOPPED:
            await self._api.tell(self.start, self.unit)
            self._paused = False

    async def pause(self) -> None:
        await self._arm()
        await self._api.tell(self.stop, self.unit)
        self._paused = True

    async def release(self) -> None:
        """The largest current, and the mode of before."""
        control = await self._api.get(self.control, self.unit)
        await self.limit_current(self.maximum.number(control) or 16.0)
        if self._mode:
            await self._api.tell(self.set_mode, self.unit, self._mode)
        self.armed, self._mode = False, ""

    async def _arm(self) -> Mapping[str, object]:
        """Mode manual; what the station says of itself."""
        control = await self._api.get(self.control, self.unit)
        mode = self.mode.text(control)
        if mode != MANUAL:
            self._mode = self._mode or mode
            await self._api.tell(self.set_mode, self.unit, MANUAL)
        self.armed = True
        return control


def data(meter: Mapping[str, object]) -> Mapping[str, object]:
    """The measured values of a meter, by OBIS code."""
    found = meter.get("data")
    if not isinstance(found, dict):
        raise Garbled("a meter without data")
    return found


def net(found: Mapping[str, object], inward: Key, outward: Key, doubts: Doubts) -> float | None:
    """Import less export; a meter that sends one direction only has none of the other."""
    drawn, fed = inward.number(found, doubts), outward.number(found, doubts)
    if (drawn is None and fed is None) or inward.name in doubts or outward.name in doubts:
        return None
    return (drawn or 0.0) - (fed or 0.0)
