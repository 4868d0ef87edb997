"""A bench for emulator stories: one listed device on a simulated line, asked with raw Modbus exchanges."""

import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from controller.errors import Refused
from emulators.family.build import Installation, build
from emulators.family.profile import profile_for
from emulators.wires.device import Device
from rigs.simulated import SimulatedModbus, environment, run


class ModbusBench:
    """Synchronous reads and writes in virtual time. `low_first`: word order of 32-bit values on this device.

    `behaviour` replaces parameters of the family file. Values are raw: scale and sign are what the story checks.
    """

    def __init__(
        self, row: int, protocol: str = "modbus-tcp", *, model: str | None = None, unit: int | None = None,
        low_first: bool = False, timeout: float = 1.0, **behaviour: Any,
    ) -> None:  # fmt: skip
        self.env = environment()
        profile = profile_for(row, protocol)
        assert profile is not None, f"no emulator for row {row} on {protocol}"
        if behaviour:
            models = tuple(replace(each, more={**each.more, **behaviour}) for each in profile.models)
            profile = replace(profile, models=models)
        self.installation: Installation = build(
            row, protocol, clock=lambda: self.env.now, model=model, unit=unit, profile=profile
        )
        self.device: Device = self.installation.main
        serial = self.installation.serial
        line = {"baud": serial.baud, "bits": serial.bits} if serial else {}
        self.line = SimulatedModbus(self.env, self.installation.wire, timeout=timeout, **line)
        self.unit, self.low_first = self.device.unit, low_first

    def block(self, address: int, count: int, *, function: int = 3, unit: int | None = None) -> bytes:
        return run(self.env, self.line.read(self._unit(unit), function, address, count))

    def u16(self, address: int, **how: Any) -> int:
        return int.from_bytes(self.block(address, 1, **how), "big")

    def s16(self, address: int, **how: Any) -> int:
        return int.from_bytes(self.block(address, 1, **how), "big", signed=True)

    def u32(self, address: int, **how: Any) -> int:
        return int.from_bytes(self._ordered(self.block(address, 2, **how)), "big")

    def s32(self, address: int, **how: Any) -> int:
        return int.from_bytes(self._ordered(self.block(address, 2, **how)), "big", signed=True)

    def f32(self, address: int, **how: Any) -> float:
        return struct.unpack(">f", self._ordered(self.block(address, 2, **how)))[0]

    def text(self, address: int, words: int, **how: Any) -> str:
        return self.block(address, words, **how).rstrip(b"\0").decode()

    def write(self, address: int, *words: int, function: int | None = None, unit: int | None = None) -> None:
        data = b"".join(struct.pack(">H", word & 0xFFFF) for word in words)
        chosen = function or (6 if len(words) == 1 else 16)
        run(self.env, self.line.write(self._unit(unit), chosen, address, data))

    def long(self, value: int) -> tuple[int, int]:
        """A 32-bit value as two words in this device's order."""
        high, low = value >> 16 & 0xFFFF, value & 0xFFFF
        return (low, high) if self.low_first else (high, low)

    def refusal(self, exchange: Callable[..., Any], *args: Any, **how: Any) -> int | str | None:
        """The exception code that an exchange is refused with, None when it is not refused."""
        try:
            exchange(*args, **how)
        except Refused as no:
            return no.code
        return None

    def settle(self) -> None:
        """Connect, and leave the connection alone for as long as this device wants to be."""
        run(self.env, self.line._connect(self.unit))
        self.wait(1.01 * self.installation.wire.rules.quiet)

    def wait(self, seconds: float) -> None:
        """Let time pass; the device catches up, as it does before every answer."""
        if seconds > 0:
            self.env.run(until=self.env.now + seconds)
        self.device.wake()

    def truth(self) -> dict[str, Any]:
        self.device.wake()
        return self.device.twin.truth()

    def set(self, **quantities: Any) -> None:
        self.device.wake()
        for name, value in quantities.items():
            self.device.twin.set(name, value)

    def _unit(self, unit: int | None) -> int:
        return self.unit if unit is None else unit

    def _ordered(self, data: bytes) -> bytes:
        return data[2:] + data[:2] if self.low_first else data


@pytest.fixture
def modbus_bench() -> type[ModbusBench]:
    return ModbusBench
