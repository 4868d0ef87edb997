"""`hem verdict`: every story of a site's own devices, at the level and on the wires of its site file."""

from collections import Counter

from controller.sitefile import DeviceSettings, Site, load
from reports import terminal
from reports.verdicts import pairs
from rigs.physical import RealClock
from rigs.resolve import unwired
from scenarios.campaign import conduct
from scenarios.campaign.selection import select

HOLDS = ("compatible", "profile only", "planned")
"""What a device may stand as: what was asked of it has been answered, if perhaps by an assumed profile."""


def verdict(path: str, jobs: int) -> int:
    """Tell all stories and say what came of it, a line a device and one for all; 0 when all held, 1 otherwise.

    ConfigurationError when the site may not be run at all.
    """
    site = load(path)
    unwired(site, RealClock())
    standings = judged(site, jobs)
    for device in site.device:
        name, why = standings[_pair(device)]
        print(f"{device.name}: row {device.row} {device.protocol}: {name}, {why}")
    counted = Counter(standings[_pair(device)][0] for device in site.device)
    names = (
        [f"{count} {name}" for name, count in counted.most_common()]
        if len(counted) > 1
        else [f"all {next(iter(counted))}"]
    )
    print(f"this site's {len(site.device)} devices: {', '.join(names)} at level {site.level}")
    return 0 if set(counted) <= set(HOLDS) else 1


def judged(site: Site, jobs: int) -> dict[tuple[int, str], tuple[str, str]]:
    """What each row and protocol of a site stands as, and why."""
    found: dict[tuple[int, str], tuple[str, str]] = {}
    wanted = {_pair(device) for device in site.device}
    for protocol in sorted({protocol for _, protocol in wanted}):
        rows = ",".join(str(row) for row, spoken in sorted(wanted) if spoken == protocol)
        with terminal.progress(f"verdict {protocol}") as advance:
            data = conduct.run(select(str(site.level), rows, protocol), jobs=jobs, progress=advance)
        found |= {(pair.row["row"], pair.protocol): pair.standing for pair in pairs(data)}
    return found


def _pair(device: DeviceSettings) -> tuple[int, str]:
    return device.row, device.protocol
