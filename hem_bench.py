"""The commands of `hem` that work with a bench of real devices. Each imports what it needs when it is called."""

import asyncio
import sys
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
    print("\n".join(checking.told(bench)))

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
) -> None:
    """Tell the stories that are safe of every real device, and of its emulator. Exit 1 when one did not hold."""
    from reports import commands

    raise typer.Exit(commands.bench(file, scenario, firmware, out))


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
