"""Stands a recorded device on a real socket or pty."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from controller.errors import ConfigurationError
from rigs.bench.recording import Recorded, read
from rigs.bench.replaying import replay
from rigs.loopback import told_to_end
from rigs.stations import PtyStation, TcpStation
from rigs.udp_stations import UdpStation

Say = Callable[[str], None]


async def stand(path: Path, name: str, host: str, port: int, link: str, *, say: Say, complain: Say) -> None:
    """Answer as the device did until a signal comes; `say` gets one JSON line that tells where."""
    place = chosen(read(path), name, str(path))
    station, told = await served(place, host, port, link, complain)
    try:
        ended = told_to_end()
        say(json.dumps({"place": place.name, **place.about, **told}))
        await ended.wait()
    finally:
        await station.close()


async def served(
    place: Recorded, host: str, port: int, link: str, complain: Say = lambda line: None
) -> tuple[TcpStation | PtyStation | UdpStation, dict[str, str | int]]:
    """The station of a recorded place, and where it is."""
    answers = replay(place, complain)
    if place.about.get("serial_line"):
        pty = PtyStation(answers.endpoint(time.time), time.time, 0.0, 0.0)
        if link:
            pty.show(Path(link))
        return pty, {"pty": link or pty.name}
    if link:
        raise ConfigurationError(f"{place.name} has no serial end that a link could show", key="pty")
    if place.about.get("protocol") in ("udp", "speedwire"):
        udp = UdpStation(answers, time.time, 0.0, None, None)
        return udp, {"host": host, "port": await udp.listen(host, port or place.port)}
    tcp = TcpStation(answers.endpoint(time.time), 0.0)
    return tcp, {"host": host, "port": await tcp.listen(host, port)}


def chosen(places: list[Recorded], name: str, file: str) -> Recorded:
    """The place of a recording that is meant; ConfigurationError names those there are."""
    known = [each for each in places if each.name == name] if name else places
    if len(known) != 1:
        there = ", ".join(each.name for each in places) or "none"
        raise ConfigurationError(f"one of {there}", file=file, key="place")
    return known[0]
