"""HEM-BESS-1, an assumed storage system: a setpoint that lives as long as the controller's heartbeat.

No maker's document stands behind this. Model 704 commands in watts (WSetMod 1) or percent of the rating (0); CtrlHb of
model 802 has to be written within WSetRvrtTms, else the power goes to what the reversion words say, 0 W as delivered,
and the system stands by until the controller lives again. A reserve for emergency power cannot be changed.
"""

from emulators.assumed.shown import Shown
from emulators.faces.settings import kept, one_of, switch, within
from emulators.faces.terminals import BatteryOffers, BatteryTerminals
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.battery import BatteryInverter

PERCENT, WATTS = 0, 1
CONNECT, DISCONNECT = 1, 2
REMOTE, LOCAL = 0, 1
STEP = 1.0  # s between two steps of a ramp


class Bess:
    """The system; of its own accord it regulates the grid connection, as long as nobody commands it."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        twin.charge_efficiency = twin.discharge_efficiency = float(facts.more["round_trip"]) ** 0.5
        self.serial_number = f"HEM{facts.row:05d}"
        battery = BatteryTerminals(twin, float(facts.more["battery_voltage"]))
        self.parts = (Shown(twin, self), battery, BatteryOffers(twin))
        self.local = REMOTE
        self._reserve = float(facts.more["soc_min"])
        twin.soc = max(twin.soc, (self._reserve + 100) / 2)
        self._equalising = self.tripped = False
        self.operator = {
            "power-cycle": self.reboot,
            "local": self.take_local,
            "equalise": self.equalise,
            "trip": self.trip,
        }
        self._default()
        self._apply()

    def _default(self) -> None:
        """As after power-on: nothing of what was commanded is kept."""
        self._enabled, self._mode = 0, WATTS
        self._power = self._percent = self._reversion = 0.0
        self._reversion_enabled, self._seconds = 0, int(self._facts["life_seconds"])
        self._controller = 0
        self._until = 0.0
        self._lost = False
        self.connected = True
        self._limited, self._limit = 0, 100.0
        self._target: float | None = None
        self._ramping = False

    # what only a person does

    def reboot(self) -> None:
        for timer in ("life", "ramp"):
            self._twin.cancel(timer)
        self._default()
        self._apply()

    def take_local(self, on: bool = True) -> None:
        """Turn the key at the cabinet: commands are taken and have no effect."""
        self.local = LOCAL if on else REMOTE
        self._apply()

    def equalise(self, on: bool = True) -> None:
        """A lead-acid battery is charged to the brim: it does not discharge meanwhile."""
        self._equalising = bool(on)
        self._apply()

    def trip(self, on: bool = True) -> None:
        """A fault of the battery."""
        self.tripped = bool(on)
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        self._taper()

    # model 704

    set_enable = kept("_enabled", one_of, 0, 1, then="_commanded")
    set_mode = kept("_mode", one_of, PERCENT, WATTS, then="_commanded")

    @property
    def set_power(self) -> float:
        """W, positive when discharging."""
        return self._power

    @set_power.setter
    def set_power(self, watts: float) -> None:
        self._power = within(watts, -self._twin.rated_power, self._twin.rated_power)
        self._commanded()

    set_percent = kept("_percent", within, -100, 100, then="_commanded")

    @property
    def reversion_power(self) -> float:
        return self._reversion

    @reversion_power.setter
    def reversion_power(self, watts: float) -> None:
        self._reversion = within(watts, -self._twin.rated_power, self._twin.rated_power)

    @property
    def reversion_enable(self) -> int:
        return self._reversion_enabled

    @reversion_enable.setter
    def reversion_enable(self, on: int) -> None:
        self._reversion_enabled = one_of(on, 0, 1)

    reversion_seconds = kept("_seconds", then="_commanded")  # 0 switches the watch off

    @property
    def reversion_left(self) -> float:
        if not self._enabled or not self._seconds:
            return 0.0
        return max(self._until - self._device.clock(), 0.0)

    limit_enable = kept("_limited", one_of, 0, 1)
    limit_percent = kept("_limit", within, 0, 100)
    connection = switch("connected")

    # model 802

    @property
    def controller_heartbeat(self) -> int:
        return self._controller

    @controller_heartbeat.setter
    def controller_heartbeat(self, count: int) -> None:
        self._controller = count
        self._lost = False
        self._commanded()

    @property
    def heartbeat(self) -> int:
        return int(self._device.clock()) % 0x8000

    @property
    def reserve_soc(self) -> float:
        return self._reserve

    @reserve_soc.setter
    def reserve_soc(self, percent: float) -> None:
        if self._facts["reserve"] or not float(self._facts["soc_min"]) <= percent <= 100:
            raise IllegalValue(f"reserve {percent} %")
        self._reserve = percent
        self._apply()

    @property
    def alarm_reset(self) -> int:
        return 0

    @alarm_reset.setter
    def alarm_reset(self, code: int) -> None:
        if code == 1:
            self.tripped = False
            self._apply()

    set_operation = switch("connected", CONNECT, DISCONNECT)

    # what it comes to

    def _commanded(self) -> None:
        """A command or a heartbeat: the controller lives."""
        self._until = self._device.clock() + self._seconds
        if self._enabled and self._seconds:
            self._twin.at("life", self._until, self._lose)
        else:
            self._twin.cancel("life")
        self._apply()

    def _lose(self) -> None:
        self._enabled = self._reversion_enabled
        self._power, self._mode = self._reversion, WATTS
        self._lost = True
        self._apply()

    def _taper(self) -> None:
        """A lead-acid battery takes less and less towards the end."""
        start, twin = float(self._facts["taper_from"]), self._twin
        share = 1.0 if start >= 100 or twin.soc <= start else max((100 - twin.soc) / (100 - start), 0.02)
        if twin.max_charge and twin.max_charge != share * twin.rated_power:
            twin.max_charge = share * twin.rated_power

    def _apply(self) -> None:
        twin, able = self._twin, self.connected and not self.tripped
        twin.soc_min, twin.soc_max = self._reserve, float(self._facts["soc_max"])
        twin.max_charge = twin.rated_power if able else 0.0
        twin.max_discharge = twin.rated_power if able and not self._equalising else 0.0
        twin.power_limit = twin.rated_power * (self._limit / 100 if self._limited else 1.0)
        self._taper()
        self._target = self._wanted()
        if not self._ramping:
            self._ramp()

    def _wanted(self) -> float | None:
        if self.local == LOCAL:
            return None
        if not self._enabled:
            return 0.0 if self._lost else None
        return self._power if self._mode == WATTS else self._percent / 100 * self._twin.rated_power

    def _ramp(self) -> None:
        """Move towards the target, at once or step by step."""
        twin, step = self._twin, float(self._facts["ramp"]) * STEP
        now = float(twin.battery_power)
        if self._target is None or not step or abs(self._target - now) <= step:
            self._ramping = False
            twin.battery_setpoint = self._target
            return
        self._ramping = True
        twin.battery_setpoint = now + (step if self._target > now else -step)
        twin.at("ramp", self._device.clock() + STEP, self._ramp)
