"""The KEBA P30 driver on UDP: reports, confirmed commands, gaps between them, pushes in between."""

import json
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from controller.drivers.keba_udp import KebaP30Udp
from controller.errors import Garbled, LineTimeout, Refused, WrongDevice
from rigs.simulated import SimClock, environment, run

REPORTS: dict[str, dict[str, Any]] = {
    "report 1": {"ID": "1", "Product": "KC-P30-EC240122-E00", "Serial": "18416854",
                 "Firmware": "P30 v 3.10.57 (240521-1025)"},
    "report 2": {"ID": "2", "State": 3, "Error1": 0, "Plug": 7, "Enable sys": 1, "Max curr": 16000, "Curr HW": 32000,
                 "Curr user": 16000, "Curr FS": 0, "Tmo FS": 0, "X2 phaseSwitch source": 4, "X2 phaseSwitch": 1},
    "report 3": {"ID": "3", "U1": 230, "U2": 230, "U3": 231, "I1": 16010, "I2": 15990, "I3": 16005, "P": 11050123,
                 "E pres": 52300, "E total": 987654321},
    "report 100": {"ID": "100", "RFID tag": "e3f76b8d00000000"},
}  # fmt: skip


class P30:
    """A station that answers each datagram after 20 ms, and notes when it was told what."""

    def __init__(self, clock: SimClock, **changes: dict[str, Any]) -> None:
        self.clock = clock
        self.told: list[tuple[float, str]] = []
        self.waiting: list[bytes] = []
        self.commands: dict[str, bytes] = {}
        self.reports = {name: report | changes.get(name.replace(" ", "_"), {}) for name, report in REPORTS.items()}

    async def send(self, data: bytes) -> None:
        text = data.decode()
        self.told.append((self.clock.now(), text))
        if text in self.reports:
            self.waiting.append(json.dumps(self.reports[text]).encode() + b"\n\0")
        else:
            self.waiting.append(self.commands.get(text.split()[0], b"TCH-OK :done\n"))

    async def receive(self, timeout: float) -> bytes:
        if self.waiting:
            await self.clock.sleep(0.02)
            return self.waiting.pop(0)
        await self.clock.sleep(timeout)
        raise LineTimeout("silence")

    @property
    def commanded(self) -> list[str]:
        return [text for _, text in self.told if not text.startswith("report")]


def station(row: int = 65, **changes: Any) -> tuple[P30, KebaP30Udp, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env = environment()
    line = P30(SimClock(env), **changes)
    return line, KebaP30Udp(line, line.clock, row=row), lambda story: run(env, story)


def test_a_charging_station_tells_its_quantities() -> None:
    _, keba, do = station()
    reading = do(keba.read())
    assert reading["power"] == pytest.approx(11_050.123)
    assert reading["energy"] == pytest.approx(98_765_432.1)
    assert (reading["session_energy"], reading["current_l2"], reading["voltage_l3"]) == (5230, 15.99, 231)
    assert (reading["vehicle"], reading["plugged"], reading["enabled"], reading["phases"]) == ("C", True, True, 3)
    assert (reading["current_limit"], reading["rfid"]) == (16, "e3f76b8d")


def test_without_a_vehicle_the_limit_is_what_one_would_be_offered() -> None:
    _, keba, do = station(report_2={"State": 1, "Plug": 3, "Max curr": 0, "Curr HW": 16000, "Curr user": 10000})
    reading = do(keba.read())
    assert (reading["vehicle"], reading["plugged"], reading["current_limit"]) == ("A", False, 10)


def test_commands_keep_a_tenth_of_a_second_apart_and_two_seconds_after_disabling() -> None:
    line, keba, do = station()
    do(keba.pause())
    do(keba.limit_current(10))
    times = [at for at, _ in line.told]
    gaps = [round(later - sooner, 6) for sooner, later in pairwise(times)]
    assert line.commanded == ["failsafe 60 6000 0", "ena 0", "curr 10000", "ena 1"]
    assert min(gaps) >= 0.1
    assert gaps[line.told.index((times[2], "ena 0"))] >= 2


def test_the_failsafe_is_set_once_and_every_limit_sends_current_and_enable() -> None:
    line, keba, do = station()
    do(keba.limit_current(13.37))
    do(keba.limit_current(99))
    assert line.commanded == ["failsafe 60 6000 0", "curr 13370", "ena 1", "curr 32000", "ena 1"]


def test_release_gives_full_current_and_the_failsafe_of_before() -> None:
    line, keba, do = station(report_2={"Curr FS": 10000, "Tmo FS": 30})
    do(keba.limit_current(8))
    do(keba.release())
    assert line.commanded[-3:] == ["curr 32000", "ena 1", "failsafe 30 10000 0"]


def test_pushes_and_late_confirmations_in_between_are_let_pass() -> None:
    line, keba, do = station()
    line.waiting = [b'{"State": 2}', b"TCH-OK :done\n"]

    async def story() -> Any:
        reading = await keba.read()
        line.waiting = [b'{"E pres": 5431}', b'{"Plug": 7}']
        await keba.limit_current(9)
        return reading

    assert do(story())["vehicle"] == "C"
    assert line.commanded[-1] == "ena 1"


def test_a_refused_command_is_told() -> None:
    line, keba, do = station()
    line.commands["curr"] = b"TCH-ERR Param1\n"
    with pytest.raises(Refused, match="TCH-ERR Param1"):
        do(keba.limit_current(9))
    assert "ena 1" not in line.commanded


def test_silence_ends_after_a_second_and_damage_is_garbled() -> None:
    line, keba, do = station()
    line.reports.pop("report 3")
    with pytest.raises(LineTimeout, match="report 3"):
        do(keba.read())
    line.reports["report 3"] = REPORTS["report 3"] | {"P": "11 kW"}
    with pytest.raises(Garbled, match="'P'"):
        do(keba.read())


@pytest.mark.parametrize(
    ("product", "row", "name"),
    [
        ("KC-P30-EC240122-E00", 65, "P30 c-serie"),
        ("KC-P30-EC2404B2-M0A-GE", 66, "P30 x-serie"),
        ("KC-P30-EC220112-000-DE", 67, "Deutschland Edition"),
    ],
)
def test_each_series_is_known_by_its_product_text(product: str, row: int, name: str) -> None:
    counted = {"P": 0, "E total": 0} if row == 67 else {}
    _, keba, do = station(row, report_1={"Product": product}, report_3=counted)
    who = do(keba.identify())
    assert (who.model, who.serial, who.firmware) == (name, "18416854", "3.10.57")
    assert ("power" in do(keba.read())) == (row != 67)


def test_a_p30_of_an_unknown_series_is_what_the_installer_says_but_no_deutschland_edition() -> None:
    """The PV-Edition, and the station that dannerph/keba-kecontact:keba_kecontact/emulator.py stands in for."""
    for product in ("KC-P30-EC2204U2-E00-PV", "KC-P30-Emulator-000"):
        for row, name in ((65, "P30 c-serie"), (66, "P30 x-serie")):
            _, keba, do = station(row, report_1={"Product": product})
            who = do(keba.identify())
            assert (who.model, who.notes) == (name, (f"the series of {product} is new; it is a P30",))
            assert do(keba.read())["power"] == pytest.approx(11_050.123)
        _, keba, do = station(67, report_1={"Product": product})
        with pytest.raises(WrongDevice, match="Deutschland Edition"):
            do(keba.identify())


def test_without_a_report_on_the_last_session_the_card_is_unknown() -> None:
    line, keba, do = station(report_3={"ID": 3, "I3": None})  # and some stations give their numbers without quotes
    line.reports.pop("report 100")
    line.commands["report"] = b"TCH-ERR Param1"
    reading = do(keba.read())
    assert (reading["rfid"], reading["current_l3"], reading["session_energy"]) == (None, None, 5230)


def test_another_station_is_refused() -> None:
    for product in ("KC-P20-ES240030-000", "BMW-10-EC2405B2-E1R", "KC-P30-EC2404B2-M0A-GE", ""):
        _, keba, do = station(65, report_1={"Product": product})
        with pytest.raises(WrongDevice, match="P30 c-serie"):
            do(keba.identify())
