"""The Speedwire driver against datagrams laid out as SMA's document prints them."""

import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.speedwire import SmaEnergyMeter
from controller.errors import Garbled, LineTimeout, WrongDevice
from rigs.simulated import SimClock, environment, run

ORDER = (1, 2, 3, 4, 9, 10)


def datagram(
    values: dict[tuple[int, int], int] | None = None, *, serial: int = 1_901_234_567, susy: int = 349, ticker: int = 1,
    protocol: int = 0x6069, frequency: bool = True,
) -> bytes:  # fmt: skip
    """All elements in the maker's order; those not given are 0."""
    values = values or {}
    body = struct.pack(">HHHII", 0x0010, protocol, susy, serial, ticker)[2:]
    for base in (0, 20, 40, 60):
        wanted = [(base + index, size) for index in ORDER for size in (4, 8)]
        wanted += [(base + each, 4) for each in ((11, 12, 13) if base else (13, 14) if frequency else (13,))]
        for index, size in wanted:
            value = values.get((index, size), 0)
            body += bytes((0, index, size, 0)) + value.to_bytes(size, "big")
    body += b"\x90\0\0\0\x02\x03\x04R"
    head = b"SMA\0" + bytes.fromhex("000402a000000001") + struct.pack(">HH", len(body), 0x0010)
    return head + body + bytes(4)


class Group:
    """A multicast group: what waits, then what comes each second; half a second apart when in pairs."""

    def __init__(self, clock: SimClock, coming: list[bytes], waiting: list[bytes]) -> None:
        self.clock, self.coming, self.waiting, self.left = clock, coming, waiting, 0.3

    async def send(self, data: bytes) -> None:
        raise AssertionError("a meter needs no request")

    async def receive(self, timeout: float) -> bytes:
        if self.waiting:
            return self.waiting.pop(0)
        if self.coming and self.left <= timeout:
            await self.clock.sleep(self.left)
            self.left = 0.5
            return self.coming.pop(0)
        self.left -= timeout
        await self.clock.sleep(timeout)
        raise LineTimeout("silence")


def meter(
    *coming: bytes, waiting: tuple[bytes, ...] = (), unit: int | None = None, serial: str = ""
) -> tuple[SmaEnergyMeter, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env = environment()
    clock = SimClock(env)
    group = Group(clock, list(coming), list(waiting))
    return SmaEnergyMeter(group, clock, unit, row=120, serial=serial), lambda story: run(env, story)


def test_lengths_are_those_of_the_document() -> None:
    assert (len(datagram()), datagram()[12:14].hex()) == (608, "024c")
    assert (len(datagram(frequency=False)), datagram(frequency=False)[12:14].hex()) == (600, "0244")


def test_power_is_import_less_export_and_watt_seconds_become_watt_hours() -> None:
    device, do = meter(datagram({
        (2, 4): 701_234, (21, 4): 4_321, (42, 4): 12_345, (1, 8): 3600 * 12_345_678 + 1800, (2, 8): 36 * 10**9,
        (3, 4): 6_120, (4, 4): 20, (13, 4): 930, (14, 4): 49_978, (31, 4): 10_125, (52, 4): 228_401, (72, 4): 235_100,
    }))  # fmt: skip
    reading = do(device.read())
    assert (reading["power"], reading["power_l1"], reading["power_l2"]) == (-70_123.4, 432.1, -1234.5)
    assert (reading["import_energy"], reading["export_energy"]) == (12_345_678.5, 10_000_000)
    assert (reading["reactive_power"], reading["power_factor"], reading["frequency"]) == (610, 0.93, 49.978)
    assert (reading["current_l1"], reading["voltage_l2"], reading["voltage_l3"]) == (10.125, 228.401, 235.1)


def test_a_datagram_without_frequency_is_read_too() -> None:
    device, do = meter(datagram({(1, 4): 50}, frequency=False))
    reading = do(device.read())
    assert reading["power"] == 5
    assert "frequency" not in reading


def test_other_meters_and_other_messages_in_the_group_are_let_pass() -> None:
    mine: dict[str, Any] = {"serial": 1_901_000_001}
    other: dict[str, Any] = {"serial": 1_901_000_002}
    device, do = meter(
        datagram(**mine), datagram({(1, 4): 990}, **other, ticker=5), datagram(protocol=0x6065, ticker=6, **mine),
        datagram({(1, 4): 110}, **mine, ticker=7), serial="1901000001",
    )  # fmt: skip
    who = do(device.identify())
    assert (who.manufacturer, who.model, who.serial, who.firmware) == ("SMA", "EnergyMeter", "1901000001", "2.3.4.R")
    assert do(device.read())["power"] == 11


@pytest.mark.parametrize("chosen", [{"unit": 1_901_000_002}, {"serial": "1901000002"}])
def test_a_serial_number_picks_one_of_several_meters(chosen: dict[str, Any]) -> None:
    device, do = meter(datagram(serial=1_901_000_001), datagram(serial=1_901_000_002), **chosen)
    assert do(device.identify()).serial == "1901000002"


HOUSE = (datagram(serial=3_000_000_001, susy=372), datagram(serial=1_900_000_002))


@pytest.mark.parametrize("coming", [HOUSE, HOUSE[::-1]])
def test_several_meters_are_refused_by_name_until_the_installer_says_which(coming: tuple[bytes, ...]) -> None:
    device, do = meter(*coming)
    with pytest.raises(WrongDevice, match=r"EnergyMeter 1900000002, Sunny Home Manager 2\.0 3000000001"):
        do(device.identify())
    with pytest.raises(WrongDevice, match="2 meters"):
        do(device.read())


def test_a_meter_that_is_not_heard_is_missed_with_those_that_were() -> None:
    device, do = meter(*HOUSE, serial="1900000003")
    with pytest.raises(LineTimeout, match="meter 1900000003 in 5 s, heard was EnergyMeter 1900000002, Sunny Home"):
        do(device.identify())


def test_a_meter_alone_in_its_group_needs_no_serial_number_and_stays_the_one() -> None:
    device, do = meter(datagram(ticker=1), datagram(ticker=2))
    assert do(device.identify()).notes == ()
    device.line.coming += [HOUSE[1], datagram({(1, 4): 550}, ticker=3)]
    assert do(device.read())["power"] == 55


def test_duplicates_and_what_waited_are_not_read_again() -> None:
    old = datagram({(1, 4): 10}, ticker=1)
    device, do = meter(old, datagram({(1, 4): 20}, ticker=2), waiting=(old, old))
    assert do(device.read())["power"] == 2
    with pytest.raises(LineTimeout, match="nothing new"):
        do(device.read())


def test_a_damaged_datagram_is_garbled_when_no_good_one_follows() -> None:
    good = datagram({(1, 4): 10}, ticker=2)
    device, do = meter(good[:300], good)
    assert do(device.read())["power"] == 1
    for broken in (good[:-9], good[:30] + b"\x05" + good[31:], b"SMA\0", b""):
        device, do = meter(broken, broken)
        with pytest.raises(Garbled):
            do(device.read())


def test_a_meter_of_a_new_kind_is_taken_with_a_note() -> None:
    device, do = meter(datagram(susy=113, serial=2_100_456_789))
    who = do(device.identify())
    assert (who.model, who.serial, who.notes) == (
        "energy meter", "2100456789", ("SUSy-ID 113 is new; it speaks the meters' protocol",),
    )  # fmt: skip
