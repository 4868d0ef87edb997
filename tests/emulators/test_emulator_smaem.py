"""The SMA Energy Meter on Speedwire, decoded here from the protocol description alone."""

import struct
from typing import Any

import pytest

from emulators.family.build import build
from rigs.simulated import START, environment


class Group:
    """Somebody who listens to the multicast group."""

    def __init__(self, **options: Any) -> None:
        self.env = environment()
        installation = build(120, "speedwire", clock=lambda: float(self.env.now), **options)
        self.device, self.wire, self.port = installation.main, installation.wire, installation.port

    def set(self, **quantities: Any) -> None:
        for name, value in quantities.items():
            self.device.twin.set(name, value)

    def hear(self) -> list[bytes]:
        datagrams, following = self.wire.due(self.env.now)
        if datagrams:
            return datagrams
        self.env.run(until=following)
        return self.wire.due(self.env.now)[0]

    def values(self) -> dict[tuple[int, int], int]:
        return elements(self.hear()[-1])


def elements(data: bytes) -> dict[tuple[int, int], int]:
    """(index, type) -> raw value."""
    assert len(data) == struct.unpack_from(">H", data, 12)[0] + 20
    found, at = {}, 28
    while data[at] == 0 and data[at + 2] in (4, 8):
        index, size = data[at + 1], data[at + 2]
        found[index, size] = int.from_bytes(data[at + 4 : at + 4 + size], "big")
        at += 4 + size
    assert data[at : at + 4] == b"\x90\0\0\0"
    assert data[at + 8 :] == bytes(4)
    return found


@pytest.mark.parametrize(
    ("generation", "size", "length", "susy"),
    [("EM 1.0", 600, 0x0244, 270), ("EM 2.0", 608, 0x024C, 349), ("SHM 2.0", 608, 0x024C, 372)],
)
def test_header_and_size_tell_the_generation(generation: str, size: int, length: int, susy: int) -> None:
    group = Group(generation=generation)
    data = group.hear()[0]
    assert len(data) == size
    assert data[:16] == bytes.fromhex("534d4100000402a000000001") + struct.pack(">HH", length, 0x10)
    assert struct.unpack_from(">HHI", data, 16) == (0x6069, susy, 1900223344)
    assert group.port == 9522


def test_elements_come_in_the_order_of_the_document() -> None:
    order = [index for index, size in Group(generation="EM 2.0").values() if size == 4]
    assert order == [
        1, 2, 3, 4, 9, 10, 13, 14, 21, 22, 23, 24, 29, 30, 31, 32, 33, 41, 42, 43, 44, 49, 50, 51, 52, 53,
        61, 62, 63, 64, 69, 70, 71, 72, 73,
    ]  # fmt: skip


def test_export_is_a_number_of_its_own_and_import_is_zero_meanwhile() -> None:
    group = Group()
    group.set(power=-4321.5, reactive_power=-612.0)
    values = group.values()
    assert (values[1, 4], values[2, 4]) == (0, 43215)
    assert (values[3, 4], values[4, 4]) == (0, 6120)
    assert values[10, 4] == pytest.approx(43646, abs=1)


def test_import_above_16_bits_of_watts_and_counters_in_watt_seconds() -> None:
    group = Group()
    group.set(power=70_123.4, import_energy=71_234_567.8, export_energy=9_876_500.0)
    values = group.values()
    assert values[1, 4] == 701_234
    assert values[1, 8] == pytest.approx(71_234_567.8 * 3600 + 70_123.4, abs=2)
    assert values[2, 8] == 9_876_500 * 3600


def test_phases_can_flow_in_different_directions() -> None:
    group = Group()
    group.set(power=-200.0, power_l1=-900.0, power_l2=400.0, power_l3=300.0, voltage_l2=232.7, current_l3=1.304)
    values = group.values()
    assert [(values[base + 1, 4], values[base + 2, 4]) for base in (20, 40, 60)] == [(0, 9000), (4000, 0), (3000, 0)]
    assert (values[52, 4], values[71, 4], values[14, 4]) == (232_700, 1304, 50_000)
    assert (values[1, 4], values[2, 4]) == (0, 2000)


def test_a_datagram_comes_every_second_and_its_ticker_counts_milliseconds() -> None:
    group = Group()
    tickers = [struct.unpack_from(">I", group.hear()[0], 24)[0] for _ in range(3)]
    assert tickers == [3_601_000, 3_602_000, 3_603_000]
    assert group.env.now == START + 3


def test_the_ticker_wraps_and_begins_anew_after_a_restart() -> None:
    group = Group()
    group.env.run(until=START + 2**32 / 1000)
    assert struct.unpack_from(">I", group.hear()[0], 24)[0] == 3_600_000
    group.device.face.reboot()
    assert struct.unpack_from(">I", group.hear()[0], 24)[0] == 1000


def test_strangers_in_the_group_have_another_protocol_or_serial() -> None:
    group = Group(neighbours=True)
    group.set(power=1234.0)
    discovery, stranger, own = group.hear()
    assert struct.unpack_from(">H", discovery, 16)[0] == 0x6065
    assert struct.unpack_from(">I", stranger, 20)[0] != struct.unpack_from(">I", own, 20)[0]
    assert elements(own)[1, 4] == 12_340


def test_a_host_with_two_interfaces_hears_each_datagram_twice() -> None:
    first, second = Group(duplicates=True).hear()
    assert first == second


def test_what_the_meter_does_not_know_it_leaves_out() -> None:
    group = Group()
    group.device.faults.on("not-available", quantity="power")
    values = group.values()
    assert (1, 4) not in values
    assert (32, 4) in values


def test_a_dead_meter_is_silent() -> None:
    group = Group()
    group.device.faults.on("half-open")
    assert group.hear() == []
    group.device.faults.off("half-open")
    assert len(group.hear()) == 1
