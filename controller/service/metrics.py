"""The house and the controller as metrics for Prometheus (text format 0.0.4).

What is unknown has no sample. Units are those of the controller: W, Wh, V, A, °C.
"""

import os
import resource
import threading
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from pathlib import Path

from controller.devices import unit_of
from controller.service import health
from controller.service.figures import house
from controller.service.snapshot import Snapshot

Sample = tuple[Mapping[str, str], float]
TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text(snapshot: Snapshot, monotonic: float, history: str) -> str:
    """All metrics of a snapshot. `history`: why it cannot be kept."""
    lines: list[str] = []
    for name, kind, what, samples in (*_house(snapshot, monotonic, history), *_process()):
        found = [(labels, value) for labels, value in samples if isfinite(value)]
        if found:
            lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{_labels(labels)} {value!r}" for labels, value in found]
    return "\n".join(lines) + "\n"


def _house(
    snapshot: Snapshot, monotonic: float, history: str
) -> Iterator[tuple[str, str, str, Iterable[Sample]]]:  # fmt: skip
    devices = snapshot.devices.values()
    well, _ = health.line(snapshot, monotonic)
    yield "hem_healthy", "gauge", "Whether the controller itself works.", [({}, float(well))]
    yield (
        "hem_store_works",
        "gauge",
        "Whether state outlives a restart.",
        [({}, float(not snapshot.problem))],
    )
    yield "hem_history_works", "gauge", "Whether history is kept.", [({}, float(not history))]
    yield "hem_snapshots_total", "counter", "Snapshots since the start.", [({}, float(snapshot.number))]
    yield (
        "hem_unmoved_seconds", "gauge", "Since the last progress of a line or the decision.",
        [({"process": name}, age) for name, age in snapshot.moved.items()],
    )  # fmt: skip
    yield (
        "hem_device_online", "gauge", "Whether a device answers.",
        [({"device": each.name, "function": each.function}, float(each.state == "online")) for each in devices],
    )  # fmt: skip
    yield (
        "hem_device_reading_age_seconds", "gauge", "Since a device was read.",
        [({"device": each.name}, snapshot.time - each.read_at) for each in devices if each.read_at is not None],
    )  # fmt: skip
    yield (
        "hem_device_replies_lost_total", "counter", "Replies of a device that were lost since the start.",
        [({"device": each.name}, float(each.lost)) for each in devices],
    )  # fmt: skip
    yield (
        "hem_reading", "gauge", "What a device tells now, in the unit of its label.",
        [
            ({"device": each.name, "quantity": quantity, "unit": unit_of(quantity)}, float(value))
            for each in devices
            for quantity, value in each.reading.items()
            if isinstance(value, int | float)
        ],
    )  # fmt: skip
    yield (
        "hem_setpoint", "gauge", "What is asked of a device, in W or A; a pause is 0.",
        [
            ({"device": each.name, "aspect": aspect, "command": given.command}, given.value or 0.0)
            for each in devices
            for aspect, given in each.wanted.items()
        ],
    )  # fmt: skip
    flows = house(snapshot)
    yield (
        "hem_flow_watts", "gauge", "What flows through the house.",
        [({"flow": name}, value) for name, value in flows.items() if name != "price"],
    )  # fmt: skip
    yield "hem_price_ct_per_kwh", "gauge", "Price now.", [({}, flows["price"])] if "price" in flows else []
    yield (
        "hem_limit", "gauge", "What is asked of the house from outside, in the unit of its label.",
        [
            ({"source": each.source, "kind": each.kind, "unit": each.unit, "state": each.state}, each.value)
            for each in snapshot.signals
            if each.value is not None
        ],
    )  # fmt: skip


def _process() -> Iterator[tuple[str, str, str, Iterable[Sample]]]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    yield "process_cpu_seconds_total", "counter", "Processor time.", [({}, used.ru_utime + used.ru_stime)]
    yield "process_resident_memory_bytes", "gauge", "Memory.", [({}, float(pages * os.sysconf("SC_PAGE_SIZE")))]
    yield (
        "process_open_fds",
        "gauge",
        "Open files and sockets.",
        [({}, float(sum(1 for _ in Path("/proc/self/fd").iterdir())))],
    )
    yield "process_threads", "gauge", "Threads.", [({}, float(threading.active_count()))]


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
