"""A bench of three real devices for the tests: an inverter on TCP, a wallbox on a serial line, one on UDP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rigs.bench.benchfile import Bench, load
from rigs.bench.keba import KebaKeeper
from rigs.bench.rehearsal import Rehearsal
from rigs.bench.runner import Running
from rigs.physical import Datagrams, hang_up, line_for
from rigs.sites import wiring_of

Played = Any

PATIENCE = 20.0  # s, on a machine that does much else


def bench_of(folder: Path, roof: Played, wallbox: Played, box: Played, **more: str) -> Bench:
    """Three real places: an inverter on TCP, a wallbox on a serial line, one on UDP."""
    serial = more.get("serial", "31329509")
    text = f"""
[bench]
patience = {more.get("patience", "5")}
timeout = {more.get("timeout", "1")}
[[place]]
name = "roof"
row = 18
device = "real"
serial = "{serial}"
line = {roof.line}
[place.envelope]
power = [0, 8200]
writes_per_minute = 100000
[[place]]
name = "wallbox"
row = 75
device = "real"
firmware = "2037"
line = {wallbox.line}
[place.envelope]
current = [0, 16]
writes_per_minute = 100000
flash_per_day = 100000
[[place]]
name = "box"
row = 65
protocol = "udp"
device = "real"
serial = "18416854"
line = {box.line}
[place.envelope]
current = [0, 20]
writes_per_minute = 100000
"""
    file = folder / "bench.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


class Looking:
    """Reads everything that can be written of a bench's devices, over lines of its own past every guard."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._blocks = bench, {}
        for settings in bench.real:
            if settings.protocol != "udp":
                self._blocks[settings.name] = list(_blocks(Rehearsal(settings)))

    async def registers(self) -> dict[str, str]:
        """What stands in the devices, by place, unit and address."""
        found = {}
        for settings in self._bench.real:
            line: Any = line_for(settings.protocol, wiring_of(settings.as_device), timeout=PATIENCE)
            if isinstance(line, Datagrams):
                told = await KebaKeeper(settings.name).told(line)
                found[settings.name] = str({key: told[key] for key in ("Curr user", "Enable sys", "Tmo FS", "Curr FS")})
            for unit, address, count in self._blocks.get(settings.name, ()):
                data = (await line.read(unit, 3, address, count)).hex()
                for number in range(count):
                    found[f"{settings.name} {unit} {address + number}"] = data[4 * number : 4 * number + 4]
            await hang_up(line)
        return found


def _blocks(rehearsal: Rehearsal) -> Iterator[tuple[int, int, int]]:
    """Unit, address and count of neighbouring registers that can be written and read."""
    for unit, known in rehearsal.units.items():
        first = end = -1
        for row in sorted(known.spaces["holding"].rows, key=lambda row: row.address):
            if not (row.allows("w") and row.allows("r")):
                continue
            if first >= 0 and (row.address != end or end + row.words - first > 100):
                yield unit, first, end - first
                first = row.address
            first = row.address if first < 0 else first
            end = row.address + row.words
        if first >= 0:
            yield unit, first, end - first


async def registers(bench: Bench) -> dict[str, str]:
    """After a start of the bench, which puts back what was left: what stands in the devices."""
    async with Running(bench, watched=False):
        pass
    return await Looking(bench).registers()
