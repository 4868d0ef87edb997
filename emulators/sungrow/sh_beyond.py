"""Settings of a Sungrow SH that are kept as written and move nothing here: its load output, schedules, starts.

Source: Communication Protocol of Residential and Small Industrial Hybrid Inverter V1.1.16, section 2.2; 31212, 33148
and 33149 as mkaiser/Sungrow-SHx-Inverter-Modbus-Home-Assistant knows them.
"""

from emulators.faces.settings import kept, one_of, switch, within
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device

ON, OFF = 0xAA, 0x55


class Beyond:
    """As written; a restart does not change them."""

    def __init__(self, device: Device, facts: Facts) -> None:
        self._device, self._facts = device, facts.more
        self._output_use, self._load_mode, self._load_optimum = 0, 3, 0
        self._load_on = self._limits_pv = self._scheduled = self._stops_at_zero = False
        self._watches_meter = True
        self._charge_start = self._discharge_start = 50.0

    output_use = kept("_output_use", one_of, 0, 1, 2, 3, then="_keep")
    load_mode = kept("_load_mode", one_of, 0, 1, 2, 3, then="_keep")
    load_switch = switch("_load_on", ON, OFF, then="_keep")
    load_optimum = kept("_load_optimum", within, 0, 60_000, then="_keep")
    meter_watch = switch("_watches_meter", ON, OFF, then="_keep")
    schedule_switch = switch("_scheduled", ON, OFF, then="_keep")
    shutdown_at_zero = switch("_stops_at_zero", ON, OFF, then="_keep")
    charge_start = kept("_charge_start", then="_keep")
    discharge_start = kept("_discharge_start", then="_keep")

    @property
    def forced_startup(self) -> int:
        return 0

    @forced_startup.setter
    def forced_startup(self, code: int) -> None:
        one_of(code, ON)

    @property
    def pv_limit_switch(self) -> int | None:
        """None on all but the SH-T."""
        return None if not self._facts["pv_limit"] else ON if self._limits_pv else OFF

    @pv_limit_switch.setter
    def pv_limit_switch(self, code: int) -> None:
        if not self._facts["pv_limit"]:
            raise IllegalAddress("SH-T only")
        self._limits_pv = one_of(code, ON, OFF) == ON

    def _keep(self) -> None:
        """Nothing follows from these."""
