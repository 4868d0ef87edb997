"""What an installer can set of each rule, with unit and default: the keys of a site file beyond the devices themselves.

[device.charging]  mode, maximum_current, minimum_current, cheap_below, priority, target_energy, target_time
[device.battery]   regulation, charge_power, discharge_power, reserve
[device.heating]   mode, maximum_power
[device.receiver]  coding, acts_on, hold, fail_safe
[device.tariff]    token, home, provider, zone
[device.relays]    board, k1, k2
[[fuse]]           name, current, of, meter
[grid]             export_percent, export_power, export_window, negative_prices, unbalance, marketer_hold
[grid.section14a]  devices, receiver, target_power, cooling, exempt
[grid.lpc], [grid.lpp]  fail_safe_power, fail_safe_duration, counts
[history]          postgresql, name
"""

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100)]
Hours = 3600.0


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Charging(Strict):
    """A charging point. `mode`: who decides when the car charges.

    fast: as much as fuses allow. surplus: what the sun leaves. cheap: while the tariff is at most `cheap_below` ct/kWh.
    off: never. none: the station is left to itself, within `maximum_current` and the fuses. `priority`: points with a
    lower number are served first, those with the same share. A car that has to have `target_energy` (Wh) by
    `target_time` (local) is charged fast when surplus no longer gets it there.
    """

    mode: Literal["surplus", "fast", "cheap", "off", "none"] = "surplus"
    maximum_current: Positive = 16.0  # A a phase
    minimum_current: Positive = 6.0  # A a phase, IEC 61851-1
    cheap_below: float = 20.0  # ct/kWh
    priority: Annotated[int, Field(ge=1, le=99)] = 1
    target_energy: Positive | None = None  # Wh
    target_time: time | None = None


class Storage(Strict):
    """A battery. `regulation`: it brings its own meter to zero by itself, or the controller does it."""

    regulation: Literal["own", "controller"] = "own"
    charge_power: Positive | None = None  # W, its rating without
    discharge_power: Positive | None = None  # W
    reserve: Percent = 0.0  # % of charge that the controller's regulation leaves in it
    target: Percent | None = None  # % of charge up to which the grid may charge it while power is cheap
    cheap_below: float = 10.0  # ct/kWh


class Heating(Strict):
    """A heating rod or heat pump that follows a power. `maximum_power` in W, its rating without."""

    mode: Literal["surplus", "off", "none"] = "surplus"  # none: left to itself
    maximum_power: Positive | None = None


class Tariff(Strict):
    """A price service. `token`: of the customer. `home`: id or name of one of several. `provider`: of the exchange's
    prices. `zone`: its price zone."""

    token: SecretStr = SecretStr("")
    home: str = ""
    provider: Literal["", "energy-charts", "entso-e", "smard"] = ""
    zone: str = ""


class Relays(Strict):
    """A relay board that switches a heat pump's two contacts: which board, and the numbers of the relays on it."""

    board: Literal["", "udp", "usb", "usb-8", "rs485"] = ""
    k1: Annotated[int, Field(ge=1, le=8)] | None = None
    k2: Annotated[int, Field(ge=1, le=8)] | None = None


class Receiver(Strict):
    """Contacts of a receiver.

    limits: K1 to K4 are looked up in `patterns`. fnn: W4 dims controllable loads, W3, S2, S1 limit generation to 0, 30,
    60 % (K1 = S1, K2 = S2, K3 = W3, K4 = W4). `acts_on`: whether it limits generation, dims what section 14a names, or
    both; one of limits that only dims has to say so, or its 0 % stop generation too. `hold`: s for which the last limit
    stands while the pattern is undefined or unreadable; then `fail_safe` percent count (100 dims nothing, anything else
    does), without it the strictest that there is.
    """

    coding: Literal["limits", "fnn"] = "limits"
    acts_on: Literal["generation", "consumption", "both"] = "both"
    hold: NotNegative = 60.0
    fail_safe: Percent | None = None


class Fuse(Strict):
    """A fuse behind the main one: what `of` (devices or other fuses) take together, A a phase.

    `meter`: a meter that measures all that hangs on it; without one the devices' own readings are added up.
    """

    name: Annotated[str, Field(min_length=1)]
    current: Positive
    of: Annotated[tuple[str, ...], Field(min_length=1)]
    meter: str | None = None


class Section14a(Strict):
    """Section 14a EnWG: which devices are dimmed, and to what together.

    `devices`: the controllable loads; all chargers, batteries and heaters above 4.2 kW when empty. `receiver`: the
    device whose contact dims (coding fnn, or a pattern of 0 percent). `target_power`: W that the grid operator leaves
    to them; the least that the law leaves when None. `cooling`: heaters that cool rooms, a group of their own.
    `exempt`: devices under the old rules until 2028.
    """

    devices: tuple[str, ...] = ()
    receiver: str | None = None
    target_power: Positive | None = None
    cooling: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


class PowerLimit(Strict):
    """LPC (consumption) or LPP (production), EEBUS use cases: what holds when the grid operator's box falls silent.

    `fail_safe_duration` is 2 to 24 h (VDE-AR-E 2829-6). `counts`: what LPC limits, all that the house takes at the
    connection point or the part of it that controllable loads cause (section 14a).
    """

    fail_safe_power: NotNegative = 4200.0  # W at the connection point
    fail_safe_duration: Annotated[float, Field(ge=2 * Hours, le=24 * Hours)] = 2 * Hours
    counts: Literal["connection point", "controllable loads"] = "connection point"


class Grid(Strict):
    """Rules of the connection point and of contracts.

    `export_percent`: of the installed PV peak power, as mean over `export_window` (60 % rule). `export_power`: W, 0 is
    zero export. `negative_prices`: whether feed-in ends while the day-ahead price is negative (section 51 EEG).
    `unbalance`: VA between phases for one-phase generators, batteries and chargers (VDE-AR-N 4100). `marketer_hold`: s
    for which a marketer's last set value stands after it fell silent.
    """

    export_percent: Percent | None = None
    export_power: NotNegative | None = None
    export_window: Positive = 900.0
    negative_prices: Literal["ignore", "no export"] = "ignore"
    unbalance: Positive | None = 4600.0
    marketer_hold: NotNegative = 600.0
    section14a: Section14a | None = None
    lpc: PowerLimit | None = None
    lpp: PowerLimit | None = None


class Archive(Strict):
    """Where history is kept, in a file beside the site's without.

    `postgresql`: `postgresql://user@host/database`, the password in the file that PGPASSFILE names. `name`: of the
    site's schema there, the site's own without.
    """

    postgresql: str = ""
    name: str = ""
