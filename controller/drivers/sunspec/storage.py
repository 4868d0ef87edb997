"""Commands a battery behind a SunSpec inverter through model 124.

Theory: two rates in percent of the largest charging power bound charging and discharging, each while its bit of the
mode is set. A negative bound forces the other direction: "discharge at most -40 %" is "charge with at least 40 %". So a
setpoint is both bounds at the same power, one of them negative. The bounds lie side by side and are written together.
"""

import math

from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.models import Storage
from controller.errors import NotControllable

BOTH = 3  # mode bits: charge bound and discharge bound in force
FROM_GRID = 1


class StorageControl(SunSpecDevice, Storage):
    """Charge and discharge setpoints for devices with model 124."""

    _grid_before: float | None = None  # whether charging from the grid was allowed before we commanded

    async def charge(self, watts: float) -> None:
        """Charge with `watts`, from the grid if need be."""
        percent = await self._percent(watts)
        if percent and self._grid_before is None and await self.grid_charging.number() == 0:
            self._grid_before = 0
            await self.grid_charging.write(FROM_GRID)
        await self._force(discharge=-percent, charge=percent)

    async def discharge(self, watts: float) -> None:
        percent = await self._percent(watts)
        await self._force(discharge=percent, charge=-percent)

    async def release_storage(self) -> None:
        """The device's own regulation again."""
        await self.walk()
        if not self.storage_mode.present:
            return
        kind = type(self)
        await self.storage_mode.write(0)
        await self.write_run({kind.discharge_rate: 100, kind.charge_rate: 100})
        if self._grid_before is not None:
            await self.grid_charging.write(self._grid_before)
            self._grid_before = None

    async def before_rates(self) -> None:
        """What a family has to set before rates count."""

    async def _percent(self, watts: float) -> float:
        await self.walk()
        rating = await self.storage_rating.number()
        if not rating:
            raise NotControllable("no battery answers behind this inverter")
        percent = 100 * min(max(watts, 0.0) / rating, 1.0)
        step = await self.charge_rate.step()
        return math.floor(percent / step + 1e-6) * step

    async def _force(self, *, discharge: float, charge: float) -> None:
        kind = type(self)
        await self.before_rates()
        await self.write_run({kind.discharge_rate: discharge, kind.charge_rate: charge})
        await self.storage_mode.write(BOTH)
