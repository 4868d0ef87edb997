"""The storage controls of SunSpec model 124: charge and discharge rates, their bits and their reversion time.

A rate bounds its direction; a negative one forces the other direction.
Source: SunSpec Information Model Reference, model 124; evcc-io/evcc:templates/definition/meter/fronius-gen24.yaml.
"""

from collections.abc import Callable

from emulators.table.answers import IllegalValue
from twin.battery import BatteryInverter

CHARGE, DISCHARGE = 1, 2  # bits of StorCtl_Mod
STATES = {"full": 5, "empty": 2, "charging": 4, "discharging": 3, "holding": 6}  # ChaSt


class StorageControls:
    """`largest`: W that stand for 100 percent. `reversion` is kept over a restart.

    `solar`: the PV power of a twin beside this one; without grid charging no command exceeds it.
    """

    def __init__(
        self, battery: BatteryInverter, clock: Callable[[], float], *, largest: float, reversion: int = 0,
        minimum: float = 5.0, grid_charge: int = 1, solar: Callable[[], float] | None = None,
    ) -> None:  # fmt: skip
        self._battery, self._clock, self._largest = battery, clock, largest
        self._bits, self._charge, self._discharge = 0, 100.0, 100.0
        self._reversion, self._minimum, self._grid = reversion, minimum, grid_charge
        self._solar = solar
        battery.soc_min = minimum
        battery.grid_charge = bool(grid_charge) or solar is not None

    @property
    def storage_control_mode(self) -> int:
        return self._bits

    @storage_control_mode.setter
    def storage_control_mode(self, bits: int) -> None:
        if bits not in range(4):
            raise IllegalValue(f"storage control mode {bits}")
        self._bits = bits
        self._feed()

    @property
    def charge_rate(self) -> float:
        return self._charge

    @charge_rate.setter
    def charge_rate(self, percent: float) -> None:
        self._charge = _rate(percent)
        self._feed()

    @property
    def discharge_rate(self) -> float:
        return self._discharge

    @discharge_rate.setter
    def discharge_rate(self, percent: float) -> None:
        self._discharge = _rate(percent)
        self._feed()

    @property
    def rate_reversion(self) -> int:
        """Seconds after which the rates are given up, 0 = never. It stays as written, over a restart too."""
        return self._reversion

    @rate_reversion.setter
    def rate_reversion(self, seconds: int) -> None:
        self._reversion = seconds
        self._feed()

    @property
    def minimum_reserve(self) -> float:
        return self._minimum

    @minimum_reserve.setter
    def minimum_reserve(self, percent: float) -> None:
        if not 0 <= percent <= 100:
            raise IllegalValue(f"reserve {percent} %")
        self._minimum = percent
        self._battery.soc_min = percent

    @property
    def charge_from_grid(self) -> int:
        return self._grid

    @charge_from_grid.setter
    def charge_from_grid(self, choice: int) -> None:
        if choice not in (0, 1):
            raise IllegalValue(f"charge from grid {choice}")
        self._grid = choice
        self._battery.grid_charge = bool(choice) or self._solar is not None
        self._obey()

    @property
    def max_charge_power(self) -> float:
        return self._largest

    @property
    def charge_status(self) -> int:
        watts = float(self._battery.battery_power)
        word = "charging" if watts < 0 else "discharging" if watts > 0 else "holding"
        if not watts and self._battery.soc >= 100:
            word = "full"
        elif not watts and self._battery.soc <= self._minimum:
            word = "empty"
        return STATES[word]

    def restart(self) -> None:
        """Power-up: no rate acts; reversion time, reserve and grid charging are settings and stay."""
        self._bits, self._charge, self._discharge = 0, 100.0, 100.0
        self._feed()

    def _feed(self) -> None:
        if self._bits and self._reversion:
            self._battery.at("rate reversion", self._clock() + self._reversion, self._revert)
        else:
            self._battery.cancel("rate reversion")
        self._obey()

    def _revert(self) -> None:
        self._bits = 0
        self._obey()

    def _obey(self) -> None:
        low = -self._charge / 100 * self._largest if self._bits & CHARGE else -self._largest
        high = self._discharge / 100 * self._largest if self._bits & DISCHARGE else self._largest
        if self._bits and not self._grid and self._solar is not None:
            low = max(low, -max(self._solar(), 0.0))
            high = max(high, low)
        battery = self._battery
        battery.max_charge, battery.max_discharge = max(-low, 0.0), max(high, 0.0)
        battery.battery_setpoint = high if high < 0 else low if low > 0 else None


def _rate(percent: float) -> float:
    if not -100 <= percent <= 100:
        raise IllegalValue(f"rate {percent} %")
    return percent
