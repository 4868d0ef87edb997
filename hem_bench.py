"""The commands of `hem` that work with a bench of real devices. Each imports what it needs when it is called."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Real and emulated devices under stories, behind an envelope.")
File = Annotated[Path, typer.Argument(metavar="BENCH.toml", help="a bench file")]


def check(
    file: File,
    offline: Annotated[bool, typer.Option("--offline", help="look at the file only, ask no device")] = False,
) -> None:
    """A bench file as it is understood, and who answers at each real place. Exit 1 when somebody else does."""
    from rigs.bench import checking
    from rigs.bench.benchfile import load

    bench = load(file)
    print("\n".join(checking.told(bench, here=not offline)))

    async def ask() -> bool:
        well = True
        async for line, as_wanted in checking.answers(bench):
            print(line)
            well = well and as_wanted
        return well

    if not offline and not asyncio.run(ask()):
        raise typer.Exit(1)


def run(
    file: File,
    scenario: Annotated[str, typer.Option(help="story ids, comma separated")] = "",
    firmware: Annotated[str, typer.Option(help="a HEM level, the newest without")] = "",
    out: Annotated[Path, typer.Option(help="folder for the report")] = Path("build/bench"),
    record: Annotated[Path | None, typer.Option(help="keep what crosses the lines in this pcapng file")] = None,
) -> None:
    """Tell the stories that are safe of every real device, and of its emulator. Exit 1 when one did not hold."""
    from reports import commands

    raise typer.Exit(commands.bench(file, scenario, firmware, out, record))


def judge(
    adapter: Annotated[Path, typer.Argument(metavar="ADAPTER.toml", help="how a controller is configured and started")],
    scenario: Annotated[str, typer.Option(help="story ids, comma separated")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="houses beside each other, where the controller allows it")] = 1,
    out: Annotated[Path, typer.Option(help="folder for results.json")] = Path("build/judge"),
) -> None:
    """Judge any controller as a black box, at the grid connection of a house of emulated devices on real sockets."""
    from reports import commands

    raise typer.Exit(commands.judge(adapter, scenario, jobs, out))


def restore(file: File) -> None:
    """Put back what an earlier run has left in the devices. Exit 1 when something could not be."""
    from rigs.bench.benchfile import load
    from rigs.bench.journal import Journal, left
    from rigs.bench.restoring import restore as put_back

    bench = load(file)
    if not left(bench.journal):
        print("nothing is to be put back")
        return
    journal = Journal(bench.journal)
    try:
        found = asyncio.run(put_back(bench, journal))
    finally:
        journal.close()
    for each in found:
        print(each, file=sys.stderr if each.failed else sys.stdout)
    if any(each.failed for each in found):
        raise typer.Exit(1)


Line = Annotated[str, typer.Argument(metavar="LINE", help="HOST, HOST:PORT or a serial device")]
Baud = Annotated[int, typer.Option(help="of a serial line")]
Parity = Annotated[str, typer.Option(help="of a serial line: N, E or O")]


def scan(
    line: Line,
    units: Annotated[str, typer.Option(help="unit ids such as 1-10,247")] = "1-247",
    baud: Annotated[str, typer.Option(help="bit rates of a serial line, comma separated")] = "9600,19200,38400",
    parity: Annotated[str, typer.Option(help="parities of a serial line, comma separated")] = "N,E",
    patience: Annotated[float, typer.Option(min=0.01, help="s for one unit id")] = 0.3,
) -> None:
    """Which units answer on a line, at which settings, and where SunSpec begins. Only reads. Exit 1 when none does."""
    from rigs.bench import scanning
    from rigs.bench.numbers import numbers

    wanted, bauds = numbers(units, "units", 0, 255), numbers(baud, "baud", 300, 1_000_000)

    async def look() -> int:
        count = 0
        async for found in scanning.scan(line, wanted, bauds, parity.split(","), patience):
            print(found, flush=True)
            count += 1
        return count

    if not asyncio.run(look()):
        print("nobody answers")
        raise typer.Exit(1)


def peek(
    line: Line,
    address: Annotated[int, typer.Argument(min=0, max=65535)],
    count: Annotated[int, typer.Argument(min=1, max=125)] = 1,
    unit: Annotated[int, typer.Option(min=0, max=255)] = 1,
    function: Annotated[int, typer.Option(min=1, max=4, help="1 coils, 2 inputs, 3 holding, 4 input registers")] = 3,
    baud: Baud = 9600,
    parity: Parity = "N",
) -> None:
    """Registers or bits of a device as they are: hex, number, number with sign, text."""
    from rigs.bench import scanning

    data = asyncio.run(scanning.peek(line, unit, function, address, count, baud, parity))
    print("\n".join(scanning.shown(address, data, function)))


def poke(
    file: File,
    place: Annotated[str, typer.Argument(help="a real place of the bench file")],
    address: Annotated[int, typer.Argument(min=0, max=65535)],
    words: Annotated[list[str], typer.Argument(help="words to write, as 42 or 0x2A")],
    unit: Annotated[int | None, typer.Option(min=0, max=255, help="the place's without")] = None,
    function: Annotated[int, typer.Option(help="6 or 16; what fits without")] = 0,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Write raw registers of a real place, within its envelope; they are put back with `hem bench restore`."""
    from rigs.bench import poking
    from rigs.bench.benchfile import load

    order = poking.Poke(load(file), place, address, tuple(poking.word(each) for each in words), unit, function)
    if not yes and not typer.confirm(f"{order}?"):
        raise typer.Exit(1)
    print("\n".join(asyncio.run(poking.poke(order))))


def drift(
    file: File,
    place: Annotated[str, typer.Option(help="one place; every real one without")] = "",
    out: Annotated[Path | None, typer.Option(help="write what the family files should say into this file")] = None,
) -> None:
    """Hold real devices against their family files, register by register. Exit 1 when something differs."""
    from rigs.bench import drifting
    from rigs.bench.benchfile import load

    found = asyncio.run(drifting.drifts(load(file), place))
    for each in found:
        print("\n".join(each.lines()))
    if out is not None:
        out.write_text("\n".join(drifting.proposal(found)) + "\n", encoding="utf-8")
    if any(each.differences for each in found):
        raise typer.Exit(1)


def replay(
    recording: Annotated[Path, typer.Argument(help="a recording of a bench")],
    place: Annotated[str, typer.Option(help="which place of it; the only one without")] = "",
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one")] = 0,
    pty: Annotated[str, typer.Option(help="link to the serial end")] = "",
) -> None:
    """Stand a recorded device on a real socket or pty until a signal comes: it answers as it did, byte for byte."""
    from rigs.bench import replay_stand

    said = {"say": lambda line: print(line, flush=True), "complain": lambda line: print(line, file=sys.stderr)}
    asyncio.run(replay_stand.stand(recording, place, host, port, pty, **said))


def join(main: typer.Typer, answered: Callable[[Callable[..., None]], Callable[..., None]]) -> None:
    """Make these commands those of `hem`; `answered` turns errors into a line and an exit code."""
    top: tuple[Callable[..., None], ...] = (scan, peek, poke, drift, replay)
    of_the_bench: tuple[Callable[..., None], ...] = (check, run, judge, restore)
    for command in top:
        main.command()(answered(command))
    for command in of_the_bench:
        app.command()(answered(command))
    main.add_typer(app, name="bench")
