"""What a GX shows of the flows it knows, in the signs of its D-Bus paths.

Source: attributes.csv; battery power and current are positive when charging, grid power when importing.
"""

from collections.abc import Callable

from emulators.faces.daily import SinceMidnight
from emulators.faces.gridmeter import HybridMeter
from emulators.family.profile import Facts
from emulators.table.answers import GatewayPathUnavailable
from twin.battery import BatteryInverter

IDLE, CHARGING, DISCHARGING = 0, 1, 2
FAULT, BULK, PASSTHRU, INVERTING = 2, 3, 8, 9
MPPT_ACTIVE = 2


class Flows:
    """Read-only values of system, VE.Bus, battery and grid services."""

    def __init__(self, twin: BatteryInverter, facts: Facts, meter: HybridMeter, clock: Callable[[], float]) -> None:
        self._twin, self._pv_at, self._meter, self._clock = twin, str(facts.more["pv_at"]), meter, clock
        self._panel_voltage = float(facts.more["panel_voltage"])
        self._today = SinceMidnight(lambda: twin.pv_energy, clock)
        self.phase_rating = twin.rated_power / 3
        self.battery_voltage = float(facts.more["battery_voltage"])

    @property
    def grid_phase(self) -> float:
        """W on each of three phases that share evenly, + import."""
        return float(self._twin.grid_power) / 3

    @property
    def grid_word(self) -> int:
        return wrapped(self.grid_phase)

    @property
    def grid_current(self) -> float:
        return self.grid_phase / self._twin.voltage_l1

    @property
    def consumption(self) -> float:
        """W on each phase that go into the house."""
        return max(float(self._twin.grid_power) + float(self._twin.power), 0.0) / 3

    @property
    def battery_word(self) -> int:
        """W, + charging."""
        return wrapped(-float(self._twin.battery_power))

    @property
    def battery_current(self) -> float:
        return -float(self._twin.battery_power) / self.battery_voltage

    @property
    def battery_state(self) -> int:
        power = float(self._twin.battery_power)
        return CHARGING if power < 0 else DISCHARGING if power > 0 else IDLE

    @property
    def pv_dc(self) -> float:
        """W of the solar chargers on the DC bus."""
        return float(self._twin.pv_power) if self._pv_at == "dc" else 0.0

    @property
    def pv_output(self) -> float:
        """W of PV inverters on one phase at the output of the MultiPlus."""
        return float(self._twin.pv_power) / 3 if self._pv_at == "output" else 0.0

    @property
    def pv_grid(self) -> float:
        """W of PV inverters on one phase at its input."""
        return float(self._twin.pv_power) / 3 if self._pv_at == "grid" else 0.0

    @property
    def pv_current(self) -> float:
        return self.pv_dc / self.battery_voltage

    @property
    def vebus_power(self) -> float:
        """W from the AC side into the DC bus."""
        return -float(self._twin.power if self._pv_at == "dc" else self._twin.battery_power)

    @property
    def vebus_current(self) -> float:
        return self.vebus_power / self.battery_voltage

    @property
    def vebus_soc(self) -> float:
        """Writing it corrects what the inverter counts by itself, which the battery's own management overrules."""
        return self._twin.soc

    @vebus_soc.setter
    def vebus_soc(self, percent: float) -> None:
        pass

    @property
    def vebus_charge_state(self) -> int:
        return int(float(self._twin.power) < 0)

    @property
    def amp_hours(self) -> float:
        return self._twin.capacity / self.battery_voltage

    @property
    def unix_time(self) -> float:
        return self._clock()

    # grid meter

    @property
    def import_phase(self) -> float:
        return self._meter.import_energy / 3

    @property
    def export_phase(self) -> float:
        return self._meter.export_energy / 3

    # solar charger

    @property
    def charger_current(self) -> float:
        return self.pv_dc / self.battery_voltage

    @property
    def charger_state(self) -> int:
        return BULK if self.pv_dc else 0

    @property
    def tracking(self) -> int:
        return MPPT_ACTIVE if self.pv_dc else 0

    @property
    def panel_voltage(self) -> float:
        return self._panel_voltage if self.pv_dc else 0.0

    @property
    def panel_current(self) -> float:
        return self.pv_dc / self._panel_voltage

    @property
    def yield_today(self) -> float:
        return self._today.look()

    # PV inverter

    @property
    def position(self) -> int:
        """0 at the AC input, 1 at the output of the MultiPlus."""
        return int(self._pv_at == "output")

    @property
    def pv_phase(self) -> float:
        return self.pv_output + self.pv_grid

    @property
    def pv_ac(self) -> float:
        return 3 * self.pv_phase

    @property
    def pv_phase_current(self) -> float:
        return self.pv_phase / self._twin.voltage_l1

    @property
    def pv_phase_energy(self) -> float:
        return self._twin.pv_energy / 3

    @property
    def no_limit(self) -> float:
        """This PV inverter cannot be limited."""
        return 0.0

    @no_limit.setter
    def no_limit(self, watts: float) -> None:
        raise GatewayPathUnavailable

    def __getattr__(self, name: str) -> float:
        """in_current_l<k>: amperes from the AC input, positive towards the inverter."""
        if not name.startswith("in_current_l"):
            raise AttributeError(name)
        power, current = (float(getattr(self._twin, f"{what}_l{name[-1]}")) for what in ("power", "current"))
        return -current if power > 0 else current

    @property
    def vebus_state(self) -> int:
        if self._twin.status == "fault":
            return FAULT
        power = float(self._twin.power)
        return BULK if power < 0 else INVERTING if power > 0 else PASSTHRU


def wrapped(value: float) -> int:
    """A double cast to 16 bits with a sign."""
    return (round(value) + 0x8000) % 0x10000 - 0x8000
