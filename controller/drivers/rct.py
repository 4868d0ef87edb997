"""Drives RCT Power storage inverters over TCP port 8899.

Objects are read and written by id, one at a time. An id that the device does not know is not answered, a value out of
range is not refused: the driver clamps. What is written is lost at a restart, and it never writes `com_service`, which
would store it in flash. Answers to other clients come on the same connection; they are matched by id.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.rct_frames import LONG_RESPONSE, READ, RESPONSE, WRITE, Frame, Object, cut
from controller.drivers.shared.possible import Doubts
from controller.drivers.shared.setpoint import SignedSetpoint
from controller.errors import Garbled, LineTimeout, NotControllable, WrongDevice
from controller.ports import ByteStream, Clock, HangingUp

PATIENCE = 1.0  # s for an answer
APART = 0.05  # s between a write and the next frame: two in one segment, and the second one may be lost
EXTERNAL, INTERNAL = 2, 4  # power_mng.soc_strategy: told from outside, own regulation
CALM = frozenset({0, 1032, 2048})  # battery.status2 while the battery is neither calibrated nor balanced
ENVELOPE = 6000.0  # W a battery is told at most when the device does not tell its own maximum: a Power Storage 6.0
FEEDING, STANDING_BY = 13, frozenset({0, 2, 9, 11})  # prim_sm.state


class RctPowerStorage(SignedSetpoint):
    """What the AC and the DC model have in common. Source: object registry of svalouch/python-rctclient 0.0.6.

    Sequence of commands: evcc-io/evcc:meter/rct.go. What is written keeps until the device restarts.
    """

    kind: ClassVar[Kind] = "battery-inverter"
    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {}
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 5.0

    power = Object(0xDB2D69AE, "f32", unit="W")
    battery_power = Object(0x400F015B, "f32", unit="W")  # + discharging
    grid_power = Object(0x91617C58, "f32", unit="W")  # + importing
    soc = Object(0x959930BF, "f32", 100, "%")
    voltage_l1 = Object(0xCF053085, "f32", unit="V")
    voltage_l2 = Object(0x54B4684E, "f32", unit="V")
    voltage_l3 = Object(0x2545E22D, "f32", unit="V")
    frequency = Object(0x1C4A665F, "f32", unit="Hz")
    temperature = Object(0x902AFAFB, "f32", unit="°C")
    energy = Object(0xB1EF67CE, "f32", unit="Wh")
    charge_energy = Object(0x5570401B, "f32", unit="Wh")
    discharge_energy = Object(0xA9033880, "f32", unit="Wh")
    state = Object(0x5F33284E, "u8")
    fault = Object(0x37F9D5CA, "u32", optional=True)

    serial_number = Object(0x7924ABD9, "str")
    software = Object(0xDDD1C2D0, "str")
    battery_status = Object(0x0DE3D20D, "s32")
    rated_power = Object(0x9A67600D, "f32", unit="W", optional=True)

    strategy = Object(0xF168B748, "u8")
    battery_setpoint = Object(0xBD008E29, "f32", unit="W")  # + discharging
    grid_charge = Object(0x36A9E9A6, "bool")

    def __init__(
        self, line: ByteStream, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self.armed = False
        self.doubts: Doubts = {}  # why values are absent that the device told
        self._maximum = ENVELOPE
        self._before: tuple[float, bool] = (INTERNAL, False)  # strategy and grid charging found in the device
        self._unknown: set[str] = set()  # optional objects that this device does not answer
        self._buffer = b""

    def lost(self) -> None:
        self.armed = False
        self._buffer = b""
        self._unknown.clear()

    async def identify(self) -> Identity:
        serial, software = await self._ask(self.serial_number), await self._ask(self.software)
        rated = await self._optional(self.rated_power)
        if not serial:
            raise WrongDevice("an RCT device without serial number", ["Power Storage"])
        return Identity(
            "RCT Power", "Power Storage", str(serial), str(software),
            rated_power=float(rated) if isinstance(rated, int | float) and rated else None,
        )  # fmt: skip

    async def read(self) -> Reading:
        reading: dict[str, Value] = {}
        for point in (
            self.power, self.battery_power, self.grid_power, self.soc, self.voltage_l1, self.voltage_l2,
            self.voltage_l3, self.frequency, self.temperature, self.energy, self.charge_energy, self.discharge_energy,
        ):  # fmt: skip
            reading[point.name] = await self._ask(point)
        state, fault = await self._ask(self.state), await self._optional(self.fault)
        reading["status"] = "running" if state == FEEDING else "standby" if state in STANDING_BY else "starting"
        if fault:
            reading["status"] = "fault"
        return reading

    # commands

    async def release(self) -> None:
        """The strategy first: from then on the device regulates by itself."""
        strategy, grid_charge = self._before
        if self.armed or await self._ask(self.strategy) == EXTERNAL:
            await self._tell(self.strategy, strategy)
            await self._tell(self.battery_setpoint, 0.0)
            await self._tell(self.grid_charge, grid_charge)
        self.armed = False

    async def _command(self, watts: float) -> None:
        """The power first: it takes effect only when the strategy is to be told from outside."""
        status = await self._ask(self.battery_status)
        if status not in CALM:
            raise NotControllable(f"the battery is being calibrated or balanced (status {status})")
        await self._arm()
        await self._tell(self.battery_setpoint, min(max(watts, -self._maximum), self._maximum))
        if watts < 0:
            await self._tell(self.grid_charge, True)
        await self._tell(self.strategy, EXTERNAL)

    async def _arm(self) -> None:
        """Remember once what to go back to. A strategy that a dead controller has left is not worth it."""
        if self.armed:
            return
        strategy, grid_charge = await self._ask(self.strategy), await self._ask(self.grid_charge)
        if strategy != EXTERNAL and isinstance(strategy, int | float):
            self._before = (strategy, bool(grid_charge))
        rated = await self._optional(self.rated_power)
        self._maximum = float(rated) if isinstance(rated, int | float) and rated > 0 else ENVELOPE
        self.armed = True

    # the wire

    async def _optional(self, point: Object) -> Value:
        """The value, None when the device does not answer for it."""
        if point.name in self._unknown:
            return None
        try:
            return await self._ask(point)
        except LineTimeout:
            await self._ask(self.state)  # it is there, it only does not know this object
            self._unknown.add(point.name)
            return None

    async def _tell(self, point: Object, value: float) -> None:
        """Write, and see by an answer for the same object that the device has come past it: a write has none."""
        await self.line.send(Frame(WRITE, point.object_id, point.encode(value)).encode())
        await self.clock.sleep(APART)
        await self._ask(point)

    async def _ask(self, point: Object) -> Value:
        await self.line.send(Frame(READ, point.object_id).encode())
        end = self.clock.monotonic() + PATIENCE
        damaged, heard = 0, b""
        while (left := end - self.clock.monotonic()) > 0:
            try:
                data = await self.line.receive(left)
            except LineTimeout:
                break
            heard += data
            frames, self._buffer, broken = cut(self._buffer + data)
            damaged += broken
            for frame in frames:
                if frame.command in (RESPONSE, LONG_RESPONSE) and frame.object_id == point.object_id:
                    self.doubts.pop(point.name, None)
                    return point.decode(frame.payload, self.doubts)
        self._buffer = b""
        if isinstance(self.line, HangingUp):
            self.line.close()  # an answer that comes late would be taken for the next one
        what = f"object {point.object_id:08x} ({point.name})"
        if damaged:
            raise Garbled(f"{damaged} damaged frames instead of {what}", address=point.object_id, raw=heard)
        raise LineTimeout(f"{what} is not answered in {PATIENCE:g} s", address=point.object_id)


class RctPowerStorageAc(RctPowerStorage):
    """Power Storage AC: a battery at the AC side, without PV strings."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {47: ("tcp",)}


class RctPowerStorageDc(RctPowerStorage):
    """Power Storage DC: a hybrid with two PV strings, whose power can be reduced."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {48: ("tcp",)}

    string_a = Object(0xDB11855B, "f32", unit="W")
    string_b = Object(0x0CB5D21B, "f32", unit="W")
    solar_peak = Object(0x4BC0F974, "f32", unit="W")
    power_reduction = Object(0xFE1AA500, "f32")  # share of the solar peak power that may flow

    async def identify(self) -> Identity:
        identity = await super().identify()
        try:
            await self._ask(self.string_a)
        except LineTimeout as no:
            raise WrongDevice("an RCT device without PV strings", ["Power Storage DC"]) from no
        return identity

    async def read(self) -> Reading:
        reading = dict(await super().read())
        a, b = await self._ask(self.string_a), await self._ask(self.string_b)
        known = isinstance(a, int | float) and isinstance(b, int | float)
        reading["pv_power"] = float(a or 0) + float(b or 0) if known else None  # type: ignore[arg-type]
        return reading

    async def limit_power(self, watts: float) -> None:
        """Limit what the strings give."""
        peak = await self._ask(self.solar_peak)
        if not isinstance(peak, int | float) or peak <= 0:
            raise NotControllable("the peak power of the solar plant is not set in the device")
        await self._tell(self.power_reduction, min(max(watts / peak, 0.0), 1.0))

    async def release(self) -> None:
        await super().release()
        if await self._ask(self.power_reduction) != 1.0:
            await self._tell(self.power_reduction, 1.0)
