"""hem: the command line of hemtwin. Thin: each command imports what it needs when it is called."""

import errno
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

import hem_bench
import hem_service
from controller.errors import ConfigurationError, DeviceError, HemError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
P = ParamSpec("P")
R = TypeVar("R")
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

# How a real device is reached.
Protocol = Annotated[str | None, typer.Option(help="default: the row's first")]
Host = Annotated[str, typer.Option()]
Port = Annotated[int | None, typer.Option(min=1, max=65535)]
Serial = Annotated[str, typer.Option(help="serial device")]
Unit = Annotated[int | None, typer.Option(min=0, max=255)]
Meter = Annotated[str, typer.Option(help="serial number of the meter that is meant, where several can be heard")]
Token = Annotated[str, typer.Option(envvar="HEM_TOKEN", help="a customer's key of a price service")]
AnyTransaction = Annotated[bool, typer.Option("--any-transaction", help="the gateway puts transaction ids of its own")]


def answered(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a person or a device got wrong into one line on stderr and exit code 2."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except HemError as error:
            print(f"hem: {error}", file=sys.stderr)
            raise typer.Exit(1 if isinstance(error, DeviceError) else 2) from error
        except OSError as error:
            if error.errno not in FULL:
                raise
            print(f"hem: {error.filename or 'out'}: cannot be written: {error.strerror}", file=sys.stderr)
            raise typer.Exit(2) from error
        except Exception as error:
            from emulators.family.profile import BrokenProfile

            if not isinstance(error, BrokenProfile):
                raise  # a defect of ours: the traceback is what its finder needs
            print(f"hem: {error}", file=sys.stderr)
            raise typer.Exit(2) from error

    return wrapped


@app.callback(invoke_without_command=True)
def common(version: Annotated[bool, typer.Option("--version", help="print the version and end")] = False) -> None:
    if version:
        from reports import terminal

        print(f"hemtwin {terminal.version()}")
        raise typer.Exit


@app.command("list")
@answered
def list_rows(
    as_json: Annotated[bool, typer.Option("--json", help="machine readable")] = False,
    section: Annotated[str, typer.Option(help="pv-inverter, charging-station, ...")] = "",
    rows: Annotated[str, typer.Option("--row", "--rows", help="rows such as 1-64,70")] = "",
    built: Annotated[bool | None, typer.Option("--built/--not-built", help="whether emulator and driver exist")] = None,
) -> None:
    """The rows of the compatibility list and what the code claims of them."""
    from reports import terminal
    from scenarios.campaign import listing
    from scenarios.campaign.selection import chosen_rows

    numbers = [each.row for each in chosen_rows(rows)] if rows else ()
    found = listing.chosen(listing.listing(), section, numbers, built)
    terminal.data(found) if as_json else terminal.rows(found)


@app.command()
@answered
def show(
    row: Annotated[int, typer.Argument()],
    as_json: Annotated[bool, typer.Option("--json", help="machine readable")] = False,
) -> None:
    """All that is known of a row: what is printed, its rules, who emulates and drives it, quantities, commands."""
    from reports import terminal
    from scenarios.campaign.shown import shown

    found = shown(row)
    terminal.data(found) if as_json else terminal.row(found)


@app.command()
@answered
def emulate(
    what: Annotated[str, typer.Argument(help="a row of the list, or a site file")],
    protocol: Annotated[str | None, typer.Option(help="default: the row's first")] = None,
    model: Annotated[str | None, typer.Option(help="a printed model of the row")] = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0: a free one")] = None,
    pty: Annotated[str | None, typer.Option(help="link to the serial end")] = None,
    unit: Annotated[int | None, typer.Option(min=0, max=255)] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="quantity=value, again and again")] = None,
    option: Annotated[list[str] | None, typer.Option(help="name=value: how the device is built or set")] = None,
    force: Annotated[bool, typer.Option("--force", help="let --set do what physics does not allow")] = False,
    port_offset: Annotated[int, typer.Option(min=0, max=65000, help="added to the ports of a site's devices")] = 0,
    pty_dir: Annotated[str, typer.Option(help="folder for links to the serial ends of a site's devices")] = "",
    control: Annotated[str, typer.Option(help="HOST:PORT of the control API")] = "127.0.0.1:0",
) -> None:
    """Stand a listed device, or a whole site's devices, on a real socket or pty until a signal comes."""
    import asyncio

    from rigs import choose
    from rigs.emulate import stand

    if what.isdigit():
        if port_offset or pty_dir:
            raise ConfigurationError("for a site; one device takes --port or --pty", key="port-offset, pty-dir")
        chosen = choose.installation(int(what), protocol, model, unit, sets or [], option or [], force=force)
        places = [choose.Place(chosen, host, port, pty)]
    else:
        if port is not None or pty is not None or sets or option:
            raise ConfigurationError("for one device; a site takes --port-offset and --pty-dir", key="port, pty, set")
        places = choose.site(what, port_offset, pty_dir)
    asyncio.run(stand(places, control=control, say=lambda line: print(line, flush=True)))


@app.command()
@answered
def read(
    row: Annotated[int, typer.Argument()],
    protocol: Protocol = None, host: Host = "", port: Port = None, serial: Serial = "", unit: Unit = None,
    meter: Meter = "", token: Token = "", any_transaction: AnyTransaction = False,
    as_json: Annotated[bool, typer.Option("--json", help="machine readable")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="again every 2 s until Ctrl-C")] = False,
) -> None:  # fmt: skip
    """Read a device once with the real driver."""
    from reports import terminal
    from rigs import once

    where = once.Where(row, protocol, host, port, serial, unit, meter, any_transaction, token)
    say = terminal.line_of_data if as_json and watch else terminal.data if as_json else terminal.reading
    if not watch:
        say(once.read(where))
        return
    try:
        once.watch(where, say, lambda error: print(f"hem: {error}", file=sys.stderr))
    except KeyboardInterrupt:
        raise typer.Exit from None


@app.command()
@answered
def write(
    row: Annotated[int, typer.Argument()],
    protocol: Protocol = None, host: Host = "", port: Port = None, serial: Serial = "", unit: Unit = None,
    any_transaction: AnyTransaction = False,
    limit: Annotated[float | None, typer.Option(help="feed at most W")] = None,
    charge: Annotated[float | None, typer.Option(help="charge with W")] = None,
    discharge: Annotated[float | None, typer.Option(help="discharge with W")] = None,
    current: Annotated[float | None, typer.Option(help="charge a car with at most A")] = None,
    power: Annotated[float | None, typer.Option(help="take W (heating rod)")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="stop charging the car")] = False,
    release: Annotated[bool, typer.Option("--release", help="back to the device's own ways")] = False,
) -> None:  # fmt: skip
    """Give a device one command with the real driver, and say what was sent."""
    from rigs import once

    values = {"limit_power": limit, "charge": charge, "discharge": discharge, "limit_current": current}
    commands = {name: value for name, value in (values | {"set_power": power}).items() if value is not None}
    asked: list[tuple[str, float | None]] = [*commands.items()]
    asked += [(name, None) for name, wanted in (("pause", pause), ("release", release)) if wanted]
    if len(asked) != 1:
        raise ConfigurationError("exactly one of --limit --charge --discharge --current --power --pause --release")
    where = once.Where(row, protocol, host, port, serial, unit, any_transaction=any_transaction)
    print(once.write(where, *asked[0]))


@app.command()
@answered
def comply(
    firmware: Annotated[str, typer.Option(help="a HEM level or all")] = "all",
    rows: Annotated[str, typer.Option(help="rows such as 1-64,70")] = "",
    protocol: Annotated[str, typer.Option(help="protocol names, comma separated")] = "",
    scenario: Annotated[str, typer.Option(help="story ids, comma separated")] = "",
    faults: Annotated[bool, typer.Option("--faults", help="every fault too")] = False,
    changed_since: Annotated[str, typer.Option(help="only rows that the change since this revision touches")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
    engine: Annotated[str, typer.Option(help="local or dask")] = "local",
    scheduler: Annotated[str, typer.Option(help="address of a dask scheduler")] = "",
    shard: Annotated[str, typer.Option(help="i/n: every n-th case from the i-th")] = "1/1",
    merge: Annotated[list[Path] | None, typer.Option(help="folder of a shard, once for each")] = None,
    baseline: Annotated[Path | None, typer.Option(help="known failures with reason and date")] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(help="what the second level adds to the first; two folders of hem bench judge, story by story"),
    ] = None,
    controller: Annotated[Path | None, typer.Option(help="checkout or wheel of another controller")] = None,
    bench: Annotated[Path | None, typer.Option(help="a bench file: its places instead of the list")] = None,
    require_built: Annotated[bool, typer.Option("--require-built", help="exit 1 for a row that is not built")] = False,
    out: Annotated[Path, typer.Option(help="folder for the report")] = Path("build/report"),
) -> None:
    """Run the controller against every listed device and judge. Exit 0 all held, 1 a regression, 2 usage."""
    from reports import commands

    if compare is not None and any(Path(each).exists() for each in compare):
        raise typer.Exit(commands.compared(*compare, out))
    if bench is not None:
        raise typer.Exit(commands.bench(bench, scenario, "" if firmware == "all" else firmware, out))
    part = commands.Part(firmware, rows, protocol, scenario, faults, changed_since)
    work = commands.Work(jobs, engine, scheduler, shard)
    raise typer.Exit(commands.comply(part, work, merge or [], baseline, compare, controller, out, require_built))


@app.command()
@answered
def mutate(
    rows: Annotated[str, typer.Option(help="rows such as 1-64,70")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
    out: Annotated[Path | None, typer.Option(help="write mutants.json into this folder")] = None,
) -> None:
    """Break every point of every driver and table once; exit 1 when a break of a driver goes unnoticed."""
    from reports import commands

    raise typer.Exit(commands.mutate(rows, jobs, out))


@app.command()
@answered
def simulate(
    site: Annotated[str, typer.Argument(help="a site file")],
    days: Annotated[int, typer.Option(min=1, max=3660)] = 7,
    seed: Annotated[int, typer.Option(help="of clouds, load and cars")] = 1,
    start: Annotated[str, typer.Option(metavar="DATE", help="local day on which it begins, 2025-06-15 without")] = "",
    out: Annotated[Path, typer.Option(help="folder for balance and plots")] = Path("build/simulation"),
) -> None:
    """Run a site in virtual time: devices, wires and controller; energy balance and plots."""
    from reports import commands

    commands.simulate(site, days, seed, out, start)


@app.command()
@answered
def check(
    site: Annotated[str, typer.Argument(help="a site file")],
    as_json: Annotated[bool, typer.Option("--json", help="machine readable")] = False,
) -> None:
    """An installation as the controller resolves it: who controls what by which rule, and what is missing."""
    from reports import terminal
    from rigs.resolve import resolved

    found = resolved(site)
    if as_json:
        import json

        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        terminal.installation(found)


@app.command()
@answered
def run(
    site: Annotated[str, typer.Argument(help="a site file")],
    bus: Annotated[str, typer.Option(help="simulated, loopback or physical")] = "physical",
    firmware: Annotated[str, typer.Option(help="HEM level instead of the site file's")] = "",
    hours: Annotated[float, typer.Option(min=0, help="0: until a signal comes; simulated: 24")] = 0.0,
    store: Annotated[
        str, typer.Option(help="database of what outlives the process; physical: SITE.sqlite without")
    ] = "",
) -> None:
    """Run the controller on a site until a signal comes; every setpoint with its reason on stdout."""
    from rigs import operate

    operate.run(site, bus, firmware, hours, store)


for commands in (hem_bench, hem_service):
    commands.join(app, answered)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
