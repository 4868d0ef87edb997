"""Reads and limits SMA inverters through the SMA profile at unit 3.

The wire carries the document's register numbers. A block with at least one known register is answered, unknown ones as
not available, so neighbours are fetched over gaps. Limits go to write-only grid management objects, the only ones that
may be written again and again; the parameters around them lie in flash and are only read.

Sources: SMA, "SMA Modbus Interface" technical information; the lists "Modbus parameters and measured values" of STP
TL-30, STP50-40, STP3.0-6.0-3AV-40 and STPxx-50, collected in ricott/sma.modbus:docs/sma-modbus.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Bound, Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.values import number, percentage, total_of, worded
from controller.drivers.sma_types import TYPES, Type
from controller.drivers.sunspec.inverter import printed, rating_of
from controller.errors import NotControllable, Refused, WrongDevice

SOLAR, BATTERY, HYBRID = 8001, 8007, 8009  # device classes
EXTERNAL, UNSET = 1079, 0  # active power mode: set by plant control; not filled in, by gateways and data loggers
FALL_BACK = 2507  # rule for silence: apply the fallback values; 2506, the default: keep the last ones
UNKNOWN = (-1,)  # a signed value that this device does not have, in a block with others that it has
INPUTS = ("dc_1", "dc_2", "dc_3", "dc_4")
SOME = ("temperature", "energy", "dc_power", "power_limit")  # quantities that some families do not have
FAULT, OFF = 35, 303  # tags of the condition; 307 is in order, 455 a warning
# Tags of the operating state. Devices of grid codes before the tenth tell it in detail, others off, activated,
# standby and locked only.
STATES = {
    295: "running", 443: "running", 569: "running", 1855: "running", 2119: "limited", 1467: "starting",
    1480: "starting", 1295: "standby", 1393: "standby", 381: "off", 1469: "off", 1795: "off", OFF: "off", 1392: "fault",
}  # fmt: skip
NOTHING_NEW: tuple[str, ...] = ()
CYCLE = 60.0  # s between refreshes where the device does not need them sooner


class SmaDevice(ModbusDevice):
    """What all devices with the SMA profile share: who they are, their AC side, and whether they obey."""

    default_unit: ClassVar[int] = 3
    max_block: ClassVar[int] = 125
    max_gap: ClassVar[int] = 60
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {
        "s16": (-0x8000,), "u16": (0xFFFF,), "s32": (-0x80000000,), "u32": (0xFFFFFFFF, 0x00FFFFFD),
        "u64": (2**64 - 1,),
    }  # fmt: skip
    refresh: float | None = CYCLE
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 5.0
    slow: ClassVar[frozenset[str]] = frozenset({"health", "operation", "power_limit"})

    health = Measure(30201, "u32", optional=True)
    power = Measure(30775, "s32", unit="W")
    power_l1 = Measure(30777, "s32", unit="W")
    voltage_l1 = Measure(30783, "u32", 0.01, "V")
    frequency = Measure(30803, "u32", 0.01, "Hz")
    current_l1 = Measure(30977, "s32", 0.001, "A")

    device_type = Point(30053, "u32")
    serial = Point(30057, "u32")
    rating = Point(30231, "u32", unit="W", optional=True)
    power_mode = Point(40210, "u32", optional=True)
    silence_rule = Point(41193, "u32", optional=True)
    silence_time = Point(41195, "u32", unit="s", optional=True)

    _full: float | None = None
    _rated: float | None = None
    _printed: float | None = None  # W, by the printed name

    async def identify(self) -> Identity:
        kind = type(self)
        seen = await self.fetch_known((kind.device_type, kind.serial))
        self._rated = await self.rating.number()
        code = number(seen["device_type"])
        known = TYPES.get(int(code or 0))
        name, notes = self._name(known), NOTHING_NEW
        if known is None and (proof := await self.proof()):
            name = printed(self.row, "", self._rated) or f"device type {code:g}"
            notes = (f"device type {code:g} is new; {proof}",)
        if not name:
            names = [variant.name for variant in variants_by_row().get(self.row, ())]
            raise WrongDevice(f"device type {code}", names or ["SMA"])
        self._printed = rating_of(known.row, known.name) if known else None
        serial = number(seen["serial"])
        shown = "" if serial is None else str(int(serial))
        return Identity("SMA", name, shown, rated_power=self._rated, notes=notes)

    async def proof(self) -> str:
        """What proves the family where the device type is new, in words; empty for nothing."""
        return ""

    async def reference(self) -> float | None:
        """W at 100 percent as the installer has set it, None where that is not told."""
        return None

    def _name(self, known: Type | None) -> str:
        """The printed name of a device type of this row."""
        mine = known is not None and self.row in (0, known.row) and known.row in self.rows()
        return known.name if known is not None and mine else ""

    @classmethod
    def rows(cls) -> Mapping[int, tuple[str, ...]]:
        """Rows that this family claims."""
        claimed: Mapping[int, tuple[str, ...]] = getattr(cls, "serves", {})
        return claimed

    async def arm(self) -> None:
        """Look whether the device obeys at all, and how soon it wants to hear from us again."""
        mode = await readable(self.power_mode)
        if mode not in (None, UNSET, EXTERNAL):
            raise NotControllable(f"active power mode is {mode:.0f}, only the installer can set {EXTERNAL}")
        self._full = await self.reference() or await readable(self.rating) or self._printed
        timeout = await readable(self.silence_time)
        if await readable(self.silence_rule) == FALL_BACK and timeout:
            self.refresh = min(CYCLE, timeout / 2)
        self.armed = True


class SmaInDetail(SmaDevice):
    """What all tell but the single-phase battery inverters: three phases, and a class."""

    proven: ClassVar[tuple[int, ...]]  # classes that prove the family where the device type is new

    power_l2 = Measure(30779, "s32", unit="W")
    power_l3 = Measure(30781, "s32", unit="W")
    voltage_l2 = Measure(30785, "u32", 0.01, "V")
    voltage_l3 = Measure(30787, "u32", 0.01, "V")
    current_l2 = Measure(30979, "s32", 0.001, "A")
    current_l3 = Measure(30981, "s32", 0.001, "A")

    device_class = Point(30051, "u32")

    async def proof(self) -> str:
        group = await self.device_class.number()
        return f"class {group:g} proves the family" if group in self.proven else ""


class SmaLimit(SmaDevice):
    """The limit of the active power, a grid management object."""

    limit = Setting(40023, "s16", 0.01, "%")
    full_power = Point(40915, "u32", unit="W", optional=True)

    async def reference(self) -> float | None:
        return await readable(self.full_power)

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`, rounded down to 0.01 percent."""
        if not self.armed:
            await self.arm()
        if not self._full:
            raise NotControllable("the inverter does not tell the power that its limit is a percentage of")
        await self.limit.write(percentage(watts, self._full, 2))

    async def release(self) -> None:
        await self.limit.write(100)


class SmaInverter(SmaInDetail, SmaLimit):
    """SMA string inverters, by the lists of parameters and measured values named above."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys((1, 2, 3, 4, 5), ("modbus-tcp",))
    kind: ClassVar[Kind] = "pv-inverter"
    proven: ClassVar[tuple[int, ...]] = (SOLAR,)

    operation = Measure(40029, "u32", optional=True)  # not on the oldest Tripower
    energy = Measure(30513, "u64", unit="Wh", optional=True)
    energy_short = Point(30529, "u32", unit="Wh", optional=True)  # where the long one is not there
    dc_1 = Measure(30773, "s32", unit="W", absent=UNKNOWN)
    temperature = Measure(30953, "s32", 0.1, "°C", absent=UNKNOWN)
    dc_2 = Measure(30961, "s32", unit="W", absent=UNKNOWN)
    dc_3 = Measure(30967, "s32", unit="W", absent=UNKNOWN)
    dc_4 = Measure(30973, "s32", unit="W", absent=UNKNOWN)
    power_limit = Measure(31405, "u32", unit="W", optional=True)  # on the CORE1

    _short = True  # whether the short counter may have a value

    def lost(self) -> None:
        super().lost()
        self._short = True

    async def read(self) -> Reading:
        reading = with_status(await self.sample())
        if reading["energy"] is None and self._short:
            reading["energy"] = await self.energy_short.number()
            self._short = reading["energy"] is not None
        reading["dc_power"] = total_of("dc_power", reading, INPUTS, self.doubts)
        lacking = {name for name in SOME if reading[name] is None and name not in self.doubts}
        return {name: value for name, value in reading.items() if name not in INPUTS and name not in lacking}


def with_status(reading: dict[str, Value]) -> dict[str, Value]:
    """A sample with the device's own two words for what it does as one of ours."""
    health, operation = reading.pop("health"), reading.pop("operation", None)
    told = worded(STATES, operation)
    if told is None and health is not None:  # an old one: whether it feeds or takes is all there is to see
        told = "off" if health == OFF else "running" if reading["power"] else "standby"
    return reading | {"status": "fault" if health == FAULT else told}


async def readable(point: Bound) -> float | None:
    """A parameter, None where the device does not let it be read (behind the Grid Guard login)."""
    try:
        return await point.number()
    except Refused:
        return None
