"""A bench of three real devices for the tests: an inverter on TCP, a wallbox on a serial line, one on UDP."""

from pathlib import Path
from typing import Any

from rigs.bench.benchfile import Bench, load
from rigs.bench.runner import Running

Played = Any


def bench_of(folder: Path, roof: Played, wallbox: Played, box: Played, **more: str) -> Bench:
    """Three real places: an inverter on TCP, a wallbox on a serial line, one on UDP."""
    serial = more.get("serial", "31329509")
    text = f"""
[bench]
patience = {more.get("patience", "5")}
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


async def registers(bench: Bench) -> dict[str, str]:
    """Everything that the table has to write in, as it stands in the devices."""
    found = {}
    async with Running(bench, watched=False) as running:
        for settings in bench.real:
            place = running.place(settings.name)
            if settings.protocol == "udp":
                told = await place.line.keeper.told(place.line)
                found["box"] = str({key: told[key] for key in ("Curr user", "Enable sys", "Tmo FS", "Curr FS")})
                continue
            for number, unit in place.guard.rehearsal.units.items():
                for row in unit.spaces["holding"].rows:
                    if row.allows("w") and row.allows("r"):
                        data = await place.line.read(number, 3, row.address, row.words)
                        found[f"{settings.name} {number} {row.address}"] = data.hex()
    return found
