"""The commands of `hem` that keep a controller in production. Each imports what it needs when it is called."""

from collections.abc import Callable
from typing import Annotated

import typer

Site = Annotated[str, typer.Argument(help="a site file")]
Folder = Annotated[str, typer.Option(help="where the site keeps its files; beside the site file without")]


def find(
    where: Annotated[list[str] | None, typer.Argument(help="HOST, HOST:PORT, NETWORK/24 or a serial device")] = None,
    network: Annotated[bool, typer.Option(help="also hear who tells of himself: mDNS, Speedwire")] = True,
    firmware: Annotated[str, typer.Option(help="HEM level that devices are held against")] = "3.0.0",
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="at most")] = 600.0,
    out: Annotated[str, typer.Option(help="site file that they are written to")] = "",
) -> None:
    """Look for devices, tell who they are and what the list says of them. Only reads. Exit 1 when nobody answers."""
    from rigs.find import asked

    if not asked.find(where or (), network, firmware, seconds, out):
        print("nobody answers")
        raise typer.Exit(1)


def serve(
    site: Site,
    bus: Annotated[str, typer.Option(help="loopback or physical")] = "physical",
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="where users reach it")] = "127.0.0.1:8080",
    firmware: Annotated[str, typer.Option(help="HEM level instead of the site file's")] = "",
    folder: Folder = "",
    hours: Annotated[float, typer.Option(min=0, help="0: until a signal comes")] = 0.0,
    certificate: Annotated[str, typer.Option(help="PEM file, for TLS")] = "",
    key: Annotated[str, typer.Option(help="PEM file of its private key")] = "",
    own_certificate: Annotated[
        bool, typer.Option("--own-certificate", help="make one that browsers ask about")
    ] = False,
    plain_http: Annotated[bool, typer.Option("--plain-http", help="also for others than this machine")] = False,
    json_lines: Annotated[bool, typer.Option("--json", help="events as JSON, one a line")] = False,
    mqtt: Annotated[str, typer.Option(help="mqtt://user@host:port or mqtts://; password in HEM_MQTT_PASSWORD")] = "",
    mqtt_allow: Annotated[list[str] | None, typer.Option(help="a device that may be commanded over MQTT")] = None,
    shadow: Annotated[
        str, typer.Option(help="a site file by which a second controller decides, and does nothing")
    ] = "",
) -> None:
    """Run the controller on a site like `run`, with what its users look at: an API and its page."""
    from rigs import serve as service
    from rigs.operate import as_json
    from rigs.tls import Tls

    tls, tell = Tls(certificate, key, own_certificate, plain_http), as_json if json_lines else None
    service.serve(site, bus, listen, firmware, folder, hours, tls, tell, mqtt, mqtt_allow or (), shadow)


def shadow(site: Site, folder: Folder = "") -> None:
    """What a second controller (`hem serve --shadow`) would have done otherwise, for how long, and why."""
    from rigs import local
    from rigs.export import differences

    for time, device, what in differences(site, folder):
        print(f"{local.shown(time)} {device}: {what}")


def verdict(
    site: Site,
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 1,
) -> None:
    """Tell every story of this site's own devices at its level: may this version run it? Exit 0 all held, 1 not."""
    from reports.verdict import verdict

    raise typer.Exit(verdict(site, jobs))


def export(
    site: Site,
    out: Annotated[str, typer.Argument(help="file to be written, - for stdout")],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="a day or an instant, UTC by default")],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="the first one that is not wanted any more")],
    form: Annotated[str, typer.Option("--format", help="csv or parquet")] = "csv",
    grain: Annotated[str, typer.Option(help="10s, 1min or 15min")] = "15min",
    folder: Folder = "",
) -> None:
    """Write history for other programs, a row a value, times in UTC, also while the controller runs."""
    from rigs.export import export

    export(site, out, begin, end, form, grain, folder)


def backup(
    site: Site,
    out: Annotated[str, typer.Argument(help="archive to be written")],
    folder: Folder = "",
    secrets: Annotated[str, typer.Option(help="write users and tokens too, into this file of their own")] = "",
) -> None:
    """Write site, state, evidence and history into one archive, also while the controller runs."""
    from rigs import site_files

    print(f"{out}: {', '.join(site_files.backup(site, out, folder, secrets))}")


def restore(
    archive: Annotated[str, typer.Argument(help="what backup has written")],
    folder: Annotated[str, typer.Argument(help="where the site is to stand")],
    secrets: Annotated[str, typer.Option(help="users and tokens, from a file of their own")] = "",
) -> None:
    """Put a backup into a folder, perhaps of another machine; nothing is overwritten."""
    from rigs import site_files

    print("\n".join(site_files.restore(archive, folder, secrets)))


def join(main: typer.Typer, answered: Callable[[Callable[..., None]], Callable[..., None]]) -> None:
    """Make these commands those of `hem`; `answered` turns errors into a line and an exit code."""
    commands: tuple[Callable[..., None], ...] = (find, serve, shadow, verdict, export, backup, restore)
    for command in commands:
        main.command()(answered(command))
