"""Reads and limits Advanced Energy inverters, the former REFUsol, over SunSpec.

The list supports only devices that call themselves Advanced Energy; those with REFUsol's own interface are refused.
No register list of these is public, so the models and their order are assumed, as is the limit through model 123.

Sources: the list's remark; neighbouring evidence OpenEMS/openems:io.openems.edge.batteryinverter.refu88k.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity
from controller.drivers.sunspec.inverter import SunSpecInverter, identity
from controller.drivers.sunspec.models import INTEGER, IntegerInverter, Settings
from controller.drivers.sunspec.scaled import SunSpecMeasure
from controller.errors import WrongDevice

KILOWATTS = {34: (8, 8.2), 35: (10,), 36: (17,), 37: (20,)}


class AdvancedEnergy(SunSpecInverter, Settings, IntegerInverter):
    """AE REFUsol 008K and 010K, AE 3TL 17-IEC and 20-IEC."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys((34, 35, 36, 37), ("modbus-tcp",))

    temperature = SunSpecMeasure(INTEGER, 34, "s16", 37, unit="°C")  # of the heat sink

    async def identify(self) -> Identity:
        common = await self.common()
        maker, product = common["maker"].strip(), common["product"]
        rated = await self.nameplate()
        row = row_of(product, rated)
        if not (maker == "AE" or maker.startswith(("AE ", "Advanced Energy"))) or self.row not in (0, row):
            names = [variant.name for variant in variants_by_row().get(self.row, ())]
            raise WrongDevice(f"{maker} {product}", names or ["Advanced Energy"])
        return identity(common, variants_by_row()[row][0].name if row > 0 else product, rated)


def row_of(product: str, rated: float | None) -> int:
    """The row of a product by the kilowatts in its name, "AE 3TL 17-IEC" or "REFUsol 008K", else by its rating."""
    name = re.search(r"3TL ?(\d+)|(\d{3})K", product)
    kilowatts = float(name[1] or name[2]) if name else (rated or 0) / 1000
    return next((row for row, sizes in KILOWATTS.items() if kilowatts in sizes), -1)
