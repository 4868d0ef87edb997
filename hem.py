"""hem: the command line of hemtwin. Thin: each command imports what it needs when it is called."""

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from controller.errors import ConfigurationError, DeviceError, HemError

P = ParamSpec("P")
R = TypeVar("R")
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


def answered(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a person or a device got wrong into one line on stderr and exit code 2."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except HemError as error:
            print(f"hem: {error}", file=sys.stderr)
            raise typer.Exit(1 if isinstance(error, DeviceError) else 2) from error
        except Exception as error:
            from emulators.family.profile import BrokenProfile

            if not isinstance(error, BrokenProfile):
                raise  # a defect of ours: the traceback is what its finder needs
            print(f"hem: {error}", file=sys.stderr)
            raise typer.Exit(2) from error

    return wrapped


@app.command("list")
@answered
def list_rows(
    as_json: Annotated[bool, typer.Option("--json", help="machine readable")] = False,
) -> None:
    """The rows of the compatibility list and what the code claims of them."""
    from scenarios.campaign.listing import listing

    found = listing()
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    from reports import terminal

    terminal.rows(found)


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
    control: Annotated[str, typer.Option(help="HOST:PORT of the control API")] = "127.0.0.1:0",
) -> None:
    """Stand a listed device, or a whole site's devices, on a real socket or pty until a signal comes."""
    import asyncio

    from rigs import choose
    from rigs.emulate import stand

    if what.isdigit():
        installation = choose.installation(int(what), protocol, model, unit, sets or [], option or [])
        installations, hosts = [installation], [host]
    else:
        installations, hosts = choose.site(what)

    def say(line: str) -> None:
        print(line, flush=True)

    asyncio.run(stand(installations, hosts=hosts, port=port, link=pty, control=control, say=say))


@app.command()
@answered
def read(
    row: Annotated[int, typer.Argument()],
    protocol: Annotated[str | None, typer.Option(help="default: the row's first")] = None,
    host: Annotated[str, typer.Option()] = "",
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
    serial: Annotated[str, typer.Option(help="serial device")] = "",
    unit: Annotated[int | None, typer.Option(min=0, max=255)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="machine readable")] = False,
) -> None:
    """Read a device once with the real driver."""
    from rigs import once

    found = once.read(row, protocol, host, port, serial, unit)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in {**found["identity"], **found["reading"]}.items():
        print(f"{name:24} {value}")


@app.command()
@answered
def write(
    row: Annotated[int, typer.Argument()],
    protocol: Annotated[str | None, typer.Option(help="default: the row's first")] = None,
    host: Annotated[str, typer.Option()] = "",
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
    serial: Annotated[str, typer.Option(help="serial device")] = "",
    unit: Annotated[int | None, typer.Option(min=0, max=255)] = None,
    limit: Annotated[float | None, typer.Option(help="feed at most W")] = None,
    charge: Annotated[float | None, typer.Option(help="charge with W")] = None,
    discharge: Annotated[float | None, typer.Option(help="discharge with W")] = None,
    current: Annotated[float | None, typer.Option(help="charge a car with at most A")] = None,
    power: Annotated[float | None, typer.Option(help="take W (heating rod)")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="stop charging the car")] = False,
    release: Annotated[bool, typer.Option("--release", help="back to the device's own ways")] = False,
) -> None:
    """Give a device one command with the real driver."""
    from rigs import once

    commands: dict[str, float | None] = {
        name: value
        for name, value in (
            ("limit_power", limit), ("charge", charge), ("discharge", discharge), ("limit_current", current),
            ("set_power", power),
        )
        if value is not None
    }  # fmt: skip
    commands |= {name: None for name, wanted in (("pause", pause), ("release", release)) if wanted}
    if len(commands) != 1:
        raise ConfigurationError("exactly one of --limit --charge --discharge --current --power --pause --release")
    ((command, value),) = commands.items()
    print(once.write(row, protocol, host, port, serial, unit, command, value))


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
    compare: Annotated[tuple[str, str] | None, typer.Option(help="what the second level adds to the first")] = None,
    controller: Annotated[Path | None, typer.Option(help="checkout or wheel of another controller")] = None,
    out: Annotated[Path, typer.Option(help="folder for the report")] = Path("build/report"),
) -> None:
    """Run the controller against every listed device and judge. Exit 0 all held, 1 a regression, 2 usage."""
    from datetime import date

    import reports
    from reports import terminal
    from scenarios.campaign import baseline as known_failures
    from scenarios.campaign import campaign, changes, results, versions

    selection = campaign.select(firmware, rows, protocol, scenario, faults=faults)
    if changed_since:
        selection = selection.only(changes.touched(changes.changed_files(changed_since)))
    known = known_failures.load(baseline) if baseline else []
    part = campaign.sharded(shard)
    if compare is not None and not merge:
        versions.comparable([str(level) for level in selection.levels], *compare)
    if controller is not None:
        versions.usable(controller)
    reports.prepare(out)
    if merge:
        data = campaign.merge([reports.load(folder) for folder in merge])
    else:
        journal = out / "cases.jsonl"
        with terminal.progress("comply") as advance:
            data = campaign.run(
                selection, jobs=jobs, engine=engine, scheduler=scheduler, shard=part, journal=journal, progress=advance
            )
    lost: list[str] = []
    if controller is not None:
        data, lost = versions.against(data, controller, sys.argv[1:], out)
    index = reports.write(data, out)
    terminal.verdicts(results.summary(data))
    if compare is not None:
        print("\n".join(versions.added(data, *compare)))
    verdict = known_failures.judge(results.failures(data), known, date.today())
    terminal.failures(verdict)
    for line in lost:
        print(f"REGRESSION {line}")
    run = data["run"]
    print(f"{len(data['cases'])} cases, {results.virtual_hours(data):.0f} virtual hours, {run.get('seconds', 0):.1f} s")
    print(f"report: {index}")
    raise typer.Exit(1 if verdict.blocking or lost else 0)


@app.command()
@answered
def mutate(
    rows: Annotated[str, typer.Option(help="rows such as 1-64,70")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
    out: Annotated[Path | None, typer.Option(help="write mutants.json into this folder")] = None,
) -> None:
    """Break every point of every driver and table once; exit 1 when a break of a driver goes unnoticed."""
    from dataclasses import asdict

    import reports
    from reports import terminal
    from scenarios.campaign import campaign
    from scenarios.mutation import judging as mutation

    with terminal.progress("mutate") as advance:
        found = mutation.run(campaign.chosen_rows(rows), jobs, advance)
    print("\n".join(mutation.told_of(found)))
    if out is not None:
        reports.prepare(out)
        plain = [asdict(each) for each in found]
        (out / "mutants.json").write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        reports.add_mutants(plain, out)  # into the compliance report that stands there, if one does
    raise typer.Exit(1 if mutation.score(found, "driver")[1] else 0)


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
    import reports
    from controller.sitefile import load
    from reports import balance as pages
    from reports import terminal
    from rigs import home as house

    begin = house.beginning(start)
    home = house.home(load(site), days=days, seed=seed, start=begin)
    reports.prepare(out)
    home.start()
    with terminal.progress("simulate") as advance:
        home.run(begin + days * 86400.0, advance)
    result = home.result()
    index = pages.write(result, out)
    print(f"{days} days from {result['local_start']}, local time of {result['time_zone']}")
    terminal.cars(result)
    print(f"turnover {result['turnover'] / 1000:.1f} kWh, unexplained {result['residual_share']:.1e} of it")
    for name in ("self_consumption", "autarky"):
        rate = result[name]
        print(f"{name.replace('_', '-')} {'-' if rate is None else f'{100 * rate:.1f} %'}")
    print(f"report: {index}")


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


def main() -> None:
    app()


if __name__ == "__main__":
    main()
