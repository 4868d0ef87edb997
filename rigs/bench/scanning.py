"""Explores a line without writing: which units answer, at which speed and parity, and what says "SunS" where."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace

from controller.errors import ConfigurationError, DeviceError, Garbled, LineClosed, LineTimeout, Refused
from rigs.channels import check_serial
from rigs.physical import Modbus, Wiring, hang_up, line_for

BAUDS = (9600, 19200, 38400, 57600, 115200)
PARITIES = ("N", "E")
BASES = (40_000, 50_000, 0)
LOOKS = ((3, 40_000), (3, 0), (4, 0), (3, 30_000), (4, 30_000))  # anything is an answer, a refusal too
UNIT_PATIENCE = 0.3  # s for one unit id; gateways and meters take some 100 ms
SUNSPEC = b"SunS"


@dataclass(frozen=True, slots=True)
class Found:
    """A unit that answers. `sunspec`: base addresses at which a chain begins."""

    unit: int
    baud: int = 0
    parity: str = ""
    sunspec: tuple[int, ...] = ()

    def __str__(self) -> str:
        how = f" at {self.baud} baud, parity {self.parity}" if self.baud else ""
        chain = ", SunSpec at " + ", ".join(map(str, self.sunspec)) if self.sunspec else ""
        return f"unit {self.unit}{how}{chain}"


def wiring_of(line: str) -> Wiring:
    """`HOST`, `HOST:PORT` or a serial device as it is written on a command line."""
    if line.startswith("/"):
        check_serial(line, "line")
        return Wiring(device=line)
    host, colon, port = line.rpartition(":")
    if not colon:
        return Wiring(host=line, port=502)
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ConfigurationError(f"HOST, HOST:PORT or a serial device, not {line!r}", key="line")
    return Wiring(host=host, port=int(port))


def opened(wiring: Wiring, patience: float = 1.0) -> Modbus:
    """A bare Modbus line, for those who only read."""
    line = line_for("modbus-rtu" if wiring.device else "modbus-tcp", wiring, timeout=patience)
    assert isinstance(line, Modbus)
    return line


async def scan(
    line: str, units: Sequence[int], bauds: Sequence[int] = BAUDS, parities: Sequence[str] = PARITIES,
    patience: float = UNIT_PATIENCE,
) -> AsyncIterator[Found]:  # fmt: skip
    """Every unit that answers, at each setting of a serial line; LineClosed where nobody can be reached at all."""
    for wiring in _settings(wiring_of(line), bauds, parities):
        master = opened(wiring, patience)
        try:
            for unit in units:
                if await answers(master, unit):
                    told = (wiring.baud, wiring.parity) if wiring.device else (0, "")
                    yield Found(unit, *told, await _bases(master, unit))
        finally:
            await hang_up(master)


async def answers(line: Modbus, unit: int) -> bool:
    """Whether anybody is at a unit id. What only a gateway says of it is nobody."""
    for function, address in LOOKS:
        try:
            await line.read(unit, function, address, 1)
        except Refused as no:
            if no.code in (10, 11):
                return False
        except LineTimeout:
            return False
        except Garbled:
            continue
        return True
    return False


async def _bases(line: Modbus, unit: int) -> tuple[int, ...]:
    found = []
    for base in BASES:
        try:
            if await line.read(unit, 3, base, 2) == SUNSPEC:
                found.append(base)
        except LineClosed:
            raise
        except DeviceError:
            continue
    return tuple(found)


def _settings(wiring: Wiring, bauds: Sequence[int], parities: Sequence[str]) -> Iterator[Wiring]:
    if not wiring.device:
        yield wiring
        return
    for baud in bauds:
        for parity in parities:
            yield replace(wiring, baud=baud, parity=parity)


async def peek(line: str, unit: int, function: int, address: int, count: int, baud: int, parity: str) -> bytes:
    """Raw registers or bits of one read."""
    wiring = wiring_of(line)
    master = opened(replace(wiring, baud=baud, parity=parity) if wiring.device else wiring)
    try:
        return await master.read(unit, function, address, count)
    finally:
        await hang_up(master)


def shown(address: int, data: bytes, function: int) -> Iterator[str]:
    """Registers one a line, in hex, as a number with and without sign and as text; bits as they come."""
    if function in (1, 2):
        yield f"{address}: " + " ".join(str(byte >> bit & 1) for byte in data for bit in range(8))
        return
    for at in range(0, len(data) - 1, 2):
        word = data[at : at + 2]
        number = int.from_bytes(word, "big")
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in word)
        yield f"{address + at // 2}: {word.hex()} {number} {int.from_bytes(word, 'big', signed=True)} {text}"
