"""Coils and discrete inputs: one class attribute for every bit that the HEM reads or writes."""

from dataclasses import dataclass
from typing import ClassVar, Self, overload

from controller.drivers.modbus.points import ModbusDevice
from controller.drivers.shared.declared import Declared

ON, OFF = b"\xff\x00", b"\x00\x00"  # function 5, MODBUS Application Protocol V1.1b3, 6.5


@dataclass(frozen=True)
class Coil(Declared):
    """A bit at `address`, read with `function` 1 (coil) or 2 (discrete input) and written with 5."""

    address: int
    function: int = 1
    coding: ClassVar[str] = "bool"
    words: ClassVar[int] = 1

    @overload
    def __get__(self, device: None, owner: type) -> Self: ...
    @overload
    def __get__(self, device: ModbusDevice, owner: type) -> "BoundCoil": ...
    def __get__(self, device: ModbusDevice | None, owner: type) -> "Self | BoundCoil":
        return self if device is None else BoundCoil(device, self)

    def encode(self, value: float) -> bytes:
        """What function 5 carries."""
        return ON if value else OFF


class BoundCoil:
    """A coil of one device."""

    def __init__(self, device: ModbusDevice, coil: Coil) -> None:
        self._device, self._coil = device, coil

    async def read(self) -> bool:
        device, coil = self._device, self._coil
        packed = await device.line.read(device.unit, coil.function, coil.address, 1)
        return bool(packed[0] & 1)

    async def write(self, value: float) -> None:
        """Close the coil, or open it for 0."""
        device, coil = self._device, self._coil
        await device.line.write(device.unit, 5, coil.address, coil.encode(value))
