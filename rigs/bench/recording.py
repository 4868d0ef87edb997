"""Recordings: everything that crossed the lines of a bench, as one pcapng file that Wireshark opens.

A place is an interface of the file, named after it; its description is JSON: row, protocol, model, unit. TCP and UDP
are packets of raw IP (link type 101) with addresses and ports of the line; of HTTP there are the request line, the
answer's status and the bodies. A serial line is link type 250 (RTAC serial): 12 bytes before the data, s and µs of the
event, then what it was (1 sent by us, 2 received), line state and two bytes 0; what comes until we speak again is one
packet. `tshark -d rtacser.data,mbrtu` decodes it. Source: draft-ietf-opsawg-pcapng, tcpdump.org/linktypes.
"""

import ipaddress
import json
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from controller.errors import ConfigurationError
from rigs.bench.benchfile import Bench, PlaceSettings
from rigs.physical import PORTS, Wiring
from rigs.sites import wiring_of

RAW_IP, SERIAL = 101, 250
SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
MAGIC = 0x1A2B3C4D
NAME, DESCRIPTION, END = 2, 3, 0  # options of an interface
TCP, UDP = 6, 17
SENT, RECEIVED = ">", "<"
OURS = "198.51.100.1"  # we, in the packets; the device is 198.51.100.2 where its address is no number
THEIRS = "198.51.100.2"
FIRST_PORT = 49152


class Recording:
    """A file that is being written; what has crossed a line is in it when the next thing does."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path, self.clock = path, clock
        try:
            self._file: BinaryIO = path.open("wb")
        except OSError as error:
            raise ConfigurationError(f"cannot be written: {error.strerror}", file=str(path), key="recording") from error
        self._count = 0
        self._places: list[Track] = []
        self._block(SECTION, struct.pack("<IHHq", MAGIC, 1, 0, -1))

    def place(self, settings: PlaceSettings, wiring: Wiring) -> "Track":
        """Who keeps what crosses the line of a place."""
        serial = bool(wiring.device)
        about = {
            "row": settings.row, "protocol": settings.protocol, "model": settings.model, "unit": settings.unit,
            "serial_line": serial,
        }  # fmt: skip
        options = _option(NAME, settings.name.encode()) + _option(DESCRIPTION, json.dumps(about).encode())
        self._block(INTERFACE, struct.pack("<HHI", SERIAL if serial else RAW_IP, 0, 0) + options + _option(END, b""))
        kind = "serial" if serial else {"udp": "udp", "speedwire": "udp", "http": "http"}.get(settings.protocol, "tcp")
        port = wiring.port or PORTS.get(settings.protocol, 80)
        track = Track(self, self._count, kind, _address(wiring.host), port)
        self._places.append(track)
        self._count += 1
        return track

    def packet(self, interface: int, at: float, data: bytes) -> None:
        micros = round(at * 1e6)
        head = struct.pack("<IIIII", interface, micros >> 32, micros & 0xFFFFFFFF, len(data), len(data))
        self._block(PACKET, head + data + bytes(-len(data) % 4))
        self._file.flush()

    def of(self, bench: Bench) -> Callable[[str], "Track"]:
        """Who keeps what crosses the lines of a bench, by the name of the place."""
        tracks: dict[str, Track] = {}

        def track(name: str) -> Track:
            if name not in tracks:
                settings = bench.at(name)
                tracks[name] = self.place(settings, wiring_of(settings.as_device))
            return tracks[name]

        return track

    def close(self) -> None:
        for each in self._places:
            each.flush()
        self._file.close()

    def _block(self, kind: int, body: bytes) -> None:
        size = len(body) + 12
        self._file.write(struct.pack("<II", kind, size) + body + struct.pack("<I", size))


@dataclass
class Track:
    """One place's part of a recording: the guard tells it what passes."""

    recording: Recording
    interface: int
    kind: str
    host: str
    port: int
    ours: int = FIRST_PORT
    sequence: dict[str, int] = field(default_factory=lambda: {SENT: 1, RECEIVED: 1})
    waiting: bytes = b""
    since: float = 0.0

    def opened(self) -> None:
        """A new connection: another port of ours, counted from the beginning."""
        self.flush()
        self.ours = FIRST_PORT + (self.ours - FIRST_PORT + 1) % 16_000
        self.sequence = {SENT: 1, RECEIVED: 1}

    def sent(self, data: bytes) -> None:
        self.flush()
        self._keep(SENT, data, self.recording.clock())

    def received(self, data: bytes) -> None:
        if self.kind != "serial":
            self._keep(RECEIVED, data, self.recording.clock())
            return
        self.since = self.since if self.waiting else self.recording.clock()
        self.waiting += data

    def flush(self) -> None:
        """What has come on a serial line since we spoke."""
        if self.waiting:
            data, self.waiting = self.waiting, b""
            self._keep(RECEIVED, data, self.since)

    def _keep(self, way: str, data: bytes, at: float) -> None:
        if self.kind == "serial":
            head = struct.pack(">IIBBH", int(at), round(at % 1 * 1e6), 1 if way == SENT else 2, 0, 0)
            self.recording.packet(self.interface, at, head + data)
            return
        if self.kind == "http":
            data = _as_http(way, data, self.host)
        ends = ((OURS, self.ours), (self.host, self.port))
        (source, sport), (target, tport) = ends if way == SENT else ends[::-1]
        if self.kind == "udp":
            body = struct.pack(">HHHH", sport, tport, 8 + len(data), 0) + data
            self.recording.packet(self.interface, at, _ip(source, target, UDP, body))
            return
        other = self.sequence[RECEIVED if way == SENT else SENT]
        head = struct.pack(">HHIIBBHHH", sport, tport, self.sequence[way], other, 5 << 4, 0x18, 65_535, 0, 0)
        self.sequence[way] = (self.sequence[way] + len(data)) % 2**32
        self.recording.packet(self.interface, at, _ip(source, target, TCP, head + data))


@dataclass
class Recorded:
    """What a recording has of one place: (s since 1970, direction, bytes), in order."""

    name: str
    about: dict[str, Any]
    port: int = 0
    events: list[tuple[float, str, bytes]] = field(default_factory=list)


def read(path: Path) -> list[Recorded]:
    """The places of a recording; ConfigurationError for a file that is none of ours. One cut short is read to there."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(path)) from error
    if data[:4] != struct.pack("<I", SECTION):
        raise ConfigurationError("is no recording of a bench (pcapng)", file=str(path))
    found: list[Recorded] = []
    kinds: list[int] = []
    for kind, body in _blocks(data):
        if kind == INTERFACE:
            kinds.append(struct.unpack("<H", body[:2])[0])
            options = dict(_options(body[8:]))
            try:
                about = json.loads(options[DESCRIPTION])
                found.append(Recorded(options[NAME].decode(), about))
            except (KeyError, ValueError) as error:
                raise ConfigurationError(
                    "is no recording of a bench: it does not say of what", file=str(path)
                ) from error
        elif kind == PACKET:
            interface, high, low, size, _ = struct.unpack("<IIIII", body[:20])
            _taken(found[interface], kinds[interface], (high << 32 | low) / 1e6, body[20 : 20 + size])
    return found


def _taken(place: Recorded, kind: int, at: float, packet: bytes) -> None:
    if kind == SERIAL:
        place.events.append((at, SENT if packet[8] == 1 else RECEIVED, packet[12:]))
        return
    way = SENT if packet[12:16] == ipaddress.IPv4Address(OURS).packed else RECEIVED
    head = 20 + (8 if packet[9] == UDP else 20)
    ports = struct.unpack(">HH", packet[20:24])
    place.port = ports[1] if way == SENT else ports[0]
    place.events.append((at, way, packet[head:]))


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 12 <= len(data):
        kind, size = struct.unpack("<II", data[at : at + 8])
        if size < 12 or at + size > len(data):
            return
        yield kind, data[at + 8 : at + size - 4]
        at += size


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 4:
        code, size = struct.unpack("<HH", data[:4])
        if code == END:
            return
        yield code, data[4 : 4 + size]
        data = data[4 + size + -size % 4 :]


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _ip(source: str, target: str, protocol: int, body: bytes) -> bytes:
    ends = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(target).packed
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0) + ends
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + head[12:] + body


def _address(host: str) -> str:
    try:
        found = str(ipaddress.IPv4Address(host))
    except ValueError:
        return THEIRS
    return THEIRS if found == OURS else found


def _as_http(way: str, data: bytes, host: str) -> bytes:
    first, _, body = data.partition(b"\n")
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    if way == SENT:
        return first + b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\n" + length + body
    return b"HTTP/1.1 " + first + b" \r\n" + length + body
