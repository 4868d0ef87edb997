"""Reads the older KOSTAL PIKO inverters over SunSpec, and limits the PIKO 12 to 20.

No register list of these is public: chain, unit and port are those of their successors, and all of it is assumed.
As in the successors, the words of model 123 are written one by one with function 6, and the limit stays until it is
taken back.

Sources: OpenEMS/openems:io.openems.edge.pvinverter.kostal (models 1, 103, 120); for model 123 of the successors
evcc-io/evcc pull request 31487.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity
from controller.drivers.sunspec.inverter import SunSpecLimit, SunSpecReader, figures, identity, printed
from controller.drivers.sunspec.models import IntegerInverter
from controller.errors import WrongDevice

LARGE = (12.0, 15.0, 17.0, 20.0)  # kW of the newer generation


class KostalPikoOld(SunSpecReader, IntegerInverter):
    """PIKO of the old generation: read only."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {12: ("modbus-tcp",)}
    default_unit: ClassVar[int] = 71

    async def identify(self) -> Identity:
        common = await self.common()
        if not is_piko(common) or is_large(common["product"]):
            raise WrongDevice(f"{common['maker']} {common['product']}", ["Piko (Old Generation)"])
        return identity(common, "Piko (Old Generation)", await self.nameplate())


class KostalPiko(SunSpecLimit, IntegerInverter):
    """PIKO 12, 15, 17 and 20."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {15: ("modbus-tcp",)}
    default_unit: ClassVar[int] = 71
    single_write: ClassVar[bool] = True

    async def identify(self) -> Identity:
        common = await self.common()
        rated = await self.nameplate()
        model = printed(15, common["product"], rated)
        if not is_piko(common) or not model:
            names = [variant.name for variant in variants_by_row()[15]]
            raise WrongDevice(f"{common['maker']} {common['product']}", names)
        return identity(common, model, rated)

    async def give_limit(self, percent: float) -> None:
        """The percentage, and the enable word where it is not on by itself."""
        await self.limit_percent.write(percent)
        if not self.armed and await self.limit_enabled.number() == 0:
            await self.limit_enabled.write(1)
        self.armed = True


def is_piko(common: Mapping[str, str]) -> bool:
    """Whether this is a PIKO of before the PIKO IQ and the PIKO CI."""
    product = common["product"].upper()
    return (
        common["maker"].upper().startswith("KOSTAL")
        and product.startswith("PIKO")
        and not product.startswith(("PIKO IQ", "PIKO CI"))
    )


def is_large(product: str) -> bool:
    return any(each in LARGE for each in figures(product))
