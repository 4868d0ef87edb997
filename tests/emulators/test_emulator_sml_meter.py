"""Meters that push SML: golden telegrams, a foreign decoder, PIN, status bits and their makers' defects."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smllib import SmlStreamReader

from emulators.family.build import Installation, build
from emulators.family.profile import BrokenProfile, Facts
from emulators.optical.meters import SmlMeter
from emulators.wires import sml
from emulators.wires.device import Device
from rigs.simulated import START, environment
from twin.meter import ElectricityMeter

GOLDEN = Path(__file__).parents[1] / "golden"
TST: dict[str, Any] = {"server": "0a01545354000012d687", "transaction": "09100001", "file": "00000001", "version": 1}
IDS = [
    ["1-0:96.50.1*1", "octets", 0, 0, "", "", "maker"],
    ["1-0:96.1.0", "octets", 0, 0, "", "", "server"],
]


class Meter:
    """One meter of the list in virtual time, read with smllib."""

    def __init__(self, row: int = 99, **options: Any) -> None:
        self.env = environment()
        self.installation: Installation = build(row, "sml", clock=lambda: float(self.env.now), **options)
        self.device, self.wire = self.installation.main, self.installation.wire

    def set(self, **quantities: Any) -> None:
        for name, value in quantities.items():
            self.device.twin.set(name, value)

    def raw(self) -> bytes:
        """The next telegram on the line."""
        _, when = self.wire.due(self.env.now)
        self.env.run(until=when)
        return b"".join(self.wire.due(self.env.now)[0])

    def entries(self) -> dict[str, Any]:
        reader = SmlStreamReader()
        reader.add(self.raw())
        frame = reader.get_frame()
        assert frame is not None
        return {str(each.obis): each for each in frame.get_obis()}

    def values(self) -> dict[str, Any]:
        return {code: each.get_value() for code, each in self.entries().items()}


def golden(name: str) -> bytes:
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    return bytes.fromhex("".join(lines[1:]))


def telegram(table: dict[str, Any], *, locked: bool = False, **truth: float) -> bytes:
    twin = ElectricityMeter(3)
    device = Device(99, "TST", "sml", twin, None, lambda: START)
    facts = Facts("TST", 99, 0.0, 3, {"uptime": 3600, "pin_entered": not locked})
    for name, value in truth.items():
        twin.set(name, value)
    return SmlMeter(twin, facts, device, {**TST, **table}).telegram()


def test_the_golden_telegram_of_an_exporting_meter_is_reproduced_to_the_byte() -> None:
    entries = [
        *IDS,
        ["1-0:1.8.0", "u8", 30, -1, "001c0104", "", "import_energy"],
        ["1-0:2.8.0", "u8", 30, -1, "", "", "export_energy"],
        ["1-0:16.7.0", "s4", 27, 0, "", "", "power"],
    ]
    ours = telegram({"entries": entries}, import_energy=12_345_678.9, export_energy=9_876_543.2, power=-1234.0)
    assert ours == golden("sml_export.hex")


def test_the_golden_telegram_of_a_meter_without_pin_is_reproduced_to_the_byte() -> None:
    entries = [
        *IDS,
        ["1-0:1.8.0", "u4", 30, -1, "001c0104", "", "import_energy"],
        ["1-0:2.8.0", "u4", 30, -1, "", "", "export_energy"],
        ["1-0:16.7.0", "s4", 27, 0, "", "", "power"],
    ]
    table = {"entries": entries, "locked_scaler": 3}
    ours = telegram(table, locked=True, import_energy=12_345_678.9, export_energy=9_876_543.2, power=-1234.0)
    assert ours == golden("sml_without_pin.hex")


def test_a_foreign_decoder_reads_export_and_counters_beyond_16_bits() -> None:
    meter = Meter()
    meter.set(power=-4321.4, import_energy=71_234_567.8, export_energy=9_876_500.0)
    values = meter.values()
    assert values["0100100700ff"] == -4321
    assert values["0100010800ff"] == pytest.approx(71_234_567.8, abs=0.11)
    assert values["0100020800ff"] == pytest.approx(9_876_501.2, abs=0.11)  # 1.2 Wh in the second before it


def test_a_fresh_meter_shows_nothing_flowing() -> None:
    assert Meter().values()["0100100700ff"] == 0


@pytest.mark.parametrize("row", range(99, 106))
def test_every_listed_meter_pushes_telegrams_that_decode(row: int) -> None:
    meter = Meter(row)
    meter.set(power=1234.0, import_energy=70_123_400.0)
    for _ in range(3):
        values = meter.values()
    assert 1234.0 in [round(float(value)) for value in values.values() if isinstance(value, (int, float))]


def test_telegrams_come_every_interval_and_none_is_made_up_after_a_pause() -> None:
    meter = Meter()
    times = []
    for _ in range(3):
        meter.raw()
        times.append(meter.env.now - START)
    assert times == [1.0, 2.0, 3.0]
    meter.env.run(until=START + 60.25)
    assert len(meter.wire.due(meter.env.now)[0]) == 1
    assert meter.wire.due(meter.env.now)[1] > meter.env.now


def test_without_pin_there_are_whole_kilowatt_hours_and_no_power() -> None:
    meter = Meter(pin_entered=False)
    meter.set(power=-4321.0, import_energy=12_345_999.0)
    values = meter.values()
    assert "0100100700ff" not in values
    assert values["0100010800ff"] == 12_345_000
    meter.set(import_energy=12_345_001.0)
    assert meter.values()["0100010800ff"] == 12_345_000


def test_the_pin_blinked_in_gives_power_and_the_counter_does_not_jump() -> None:
    meter = Meter(pin_entered=False)
    meter.set(power=2345.0, import_energy=12_345_678.0)
    before = meter.values()["0100010800ff"]
    meter.device.operator["enter_pin"]("0000")
    assert "0100100700ff" not in meter.values()
    meter.device.operator["enter_pin"]("4711")
    after = meter.values()
    assert after["0100100700ff"] == 2345
    assert 0 <= after["0100010800ff"] - before < 1000
    assert [each.accepted for each in meter.device.writes] == [False, True]


def test_the_older_emh_tells_export_only_by_the_status_bit() -> None:
    meter = Meter(meter="sml_emh_ehz")
    meter.set(power=-1266.3)
    entries = meter.entries()
    assert entries["01000f0700ff"].get_value() == pytest.approx(1266.3)
    assert entries["0100010800ff"].status & 0x20
    meter.set(power=1266.3)
    entries = meter.entries()
    assert entries["01000f0700ff"].get_value() == pytest.approx(1266.3)
    assert not entries["0100010800ff"].status & 0x20


def test_a_dzg_with_the_sign_bug_reads_as_export_while_bit_11_says_import() -> None:
    meter = Meter(meter="sml_dzg_sign_bug")
    meter.set(power=328.05)
    entries = meter.entries()
    assert entries["0100100700ff"].get_value() == pytest.approx(-327.31)
    assert not entries["0100010800ff"].status & 0x0800
    meter.set(power=-105.5)
    entries = meter.entries()
    assert entries["0100100700ff"].get_value() == pytest.approx(-105.5)
    assert entries["0100010800ff"].status & 0x0800


def test_a_sound_dzg_sends_short_integers_that_are_negative_indeed() -> None:
    meter = Meter(meter="sml_dzg")
    meter.set(power=-105.5)
    assert bytes.fromhex("621b52fe53d6ca") in meter.raw()


def test_a_meter_without_a_total_register_splits_its_energy_by_tariff() -> None:
    meter = Meter(meter="sml_emh_ehz_gw8")
    meter.set(import_energy=80_000_000.0)
    values = meter.values()
    assert "0100010800ff" not in values
    assert values["0100010801ff"] + values["0100010802ff"] == pytest.approx(80_000_000.0)
    assert values["0100010802ff"] == pytest.approx(10_000_000.0)


def test_a_replaced_meter_has_another_server_id_and_counts_from_zero() -> None:
    meter = Meter()
    meter.set(import_energy=71_234_567.8)
    before = meter.values()
    meter.device.operator["replace_meter"]()
    meter.device.operator["enter_pin"]()
    after = meter.values()
    assert after["0100600100ff"] != before["0100600100ff"]
    assert after["0100010800ff"] == 0


def test_after_a_power_cut_the_seconds_index_begins_anew_and_the_pin_is_kept() -> None:
    meter = Meter()
    assert bytes.fromhex("7262016500000e11") in meter.raw()  # an hour and a second
    meter.device.face.reboot()
    assert "0100100700ff" in meter.values()
    assert bytes.fromhex("7262016500000002") in meter.raw()


@pytest.mark.parametrize(
    ("fault", "intact"), [("noise", False), ("reset-mid-reply", False), ("half-open", False), ("split-reply", True)]
)
def test_a_disturbed_line_brings_no_false_telegram(fault: str, intact: bool) -> None:
    meter = Meter()
    whole = len(meter.raw())
    meter.device.faults.on(fault)
    data = meter.raw()
    assert (len(data) == whole and data.startswith(sml.BEGIN)) == intact
    meter.device.faults.off(fault)
    assert meter.raw().startswith(sml.BEGIN)


def test_lies_about_power_are_told_and_end_with_the_fault() -> None:
    meter = Meter()
    meter.set(power=1234.0)
    meter.device.faults.on("sign-flip", quantity="power")
    assert meter.values()["0100100700ff"] == -1234
    meter.device.faults.off("sign-flip")
    meter.device.faults.on("not-available", quantity="power")
    assert "0100100700ff" not in meter.values()
    meter.device.faults.off("not-available")
    assert meter.values()["0100100700ff"] == 1234


def test_an_unknown_meter_profile_is_refused_by_name() -> None:
    with pytest.raises(BrokenProfile, match="sml_isk_mt631"):
        build(99, "sml", clock=lambda: START, meter="sml_abacus")


@given(st.integers(-(1 << 40), 1 << 40))
def test_integers_take_as_few_bytes_as_will_do(value: int) -> None:
    coded = sml.signed(value)
    assert int.from_bytes(coded[1:], "big", signed=True) == value
    assert coded[0] == 0x50 | len(coded)
    assert len(coded) == 2 or not -(1 << 8 * (len(coded) - 2) - 1) <= value < 1 << 8 * (len(coded) - 2) - 1


@given(st.binary(max_size=60).map(lambda data: data.replace(b"\x1b", sml.ESCAPE)))
def test_an_escape_inside_the_payload_is_sent_twice(payload: bytes) -> None:
    line = sml.transport(payload)
    inner, fill = line[8:-8], line[-3]
    assert len(line) % 4 == 0
    assert inner.replace(sml.ESCAPE * 2, sml.ESCAPE) == payload + bytes(fill)
    assert line[-2:] == sml.crc16(line[:-2])
