"""The guard: what passes to a real device, byte for byte, and what is said of what does not."""

from typing import Any

import pytest

from controller.devices import Identity
from controller.errors import WrongDevice
from rigs import master
from rigs.bench import gate
from rigs.bench.benchfile import EnvelopeSettings, PlaceSettings
from rigs.bench.envelope import Clock, EnvelopeViolation, Unidentified
from rigs.bench.guard import Guard
from rigs.bench.journal import Entry

NOON = 1_750_000_000.0


class Time:
    """A clock that a story sets."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> float:
        return NOON + self.at


def guard(
    row: int, protocol: str, time: Time, *, unit: int | None = None, model: str | None = None, **limits: Any
) -> Guard:
    place = PlaceSettings(
        name="roof", row=row, protocol=protocol, model=model, unit=unit, device="real", serial="1",
        envelope=EnvelopeSettings.model_validate(limits) if limits else None,
    )  # fmt: skip
    found = Guard(place, Clock(time.monotonic, time.now))
    found.identified = True
    return found


def holds(guard: Guard, unit: int, function: int, address: int, before: str) -> None:
    guard.journalled(Entry("roof", unit, function, address, before))


def write(unit: int, function: int, address: int, data: str) -> bytes:
    return master.write(unit, function, address, bytes.fromhex(data)).tcp(7)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def heidelberg(time: Time) -> Guard:
    """A charging station with its current in register 261, in 0.1 A, that held 16 A."""
    station = guard(75, "modbus-rtu", time, unit=1, current=[0, 10], writes_per_minute=3)
    holds(station, 1, 6, 261, "00a0")
    return station


def serial(address: int, value: int, unit: int = 1) -> bytes:
    return master.write(unit, 6, address, value.to_bytes(2, "big")).rtu()


def test_a_current_within_the_envelope_passes_and_one_above_is_named_with_its_bytes(heidelberg: Guard) -> None:
    heidelberg.modbus(serial(261, 87), serial=True)
    assert heidelberg.passed == 1
    with pytest.raises(
        EnvelopeViolation, match=r'bytes 4 to 5 ask register 261 "Maximal current command".*16.1 A: the'
    ) as no:
        heidelberg.modbus(serial(261, 161), serial=True)
    assert "at most 10 A; blocked 01 06 01 05 00 a1" in str(no.value)


def test_after_a_violation_only_what_the_device_held_may_be_written(heidelberg: Guard) -> None:
    with pytest.raises(EnvelopeViolation):
        heidelberg.modbus(serial(261, 161), serial=True)
    with pytest.raises(EnvelopeViolation, match="after a violation nothing is written"):
        heidelberg.modbus(serial(261, 60), serial=True)
    heidelberg.modbus(serial(261, 160), serial=True)  # what it held: 16 A, beyond the envelope
    assert heidelberg.passed == 1


def test_nothing_is_written_before_the_device_has_said_who_it_is_on_this_connection(heidelberg: Guard) -> None:
    heidelberg.opened()
    with pytest.raises(Unidentified):
        heidelberg.modbus(serial(261, 60), serial=True)
    assert (heidelberg.passed, heidelberg.violations) == (0, [])


def test_a_register_that_the_journal_has_not_is_not_written(heidelberg: Guard) -> None:
    with pytest.raises(EnvelopeViolation, match="before the journal has what it held"):
        heidelberg.modbus(serial(257, 15_000), serial=True)


def test_registers_that_the_table_has_not_forbidden_ones_and_strange_functions_are_blocked(time: Time) -> None:
    for data, said in (
        (serial(4711, 1), "the table of row 75 has none there"),
        (serial(257, 9000), "registers 256 to 258 are forbidden"),
        (bytes.fromhex("01080001") + b"\0\0" + master.crc(bytes.fromhex("010800010000")), "byte 1 asks for function 8"),
        (b"\1\6\1\5", "no whole Modbus request"),
    ):
        station = guard(75, "modbus-rtu", time, unit=1, current=[0, 16], forbidden=["256-258"])
        holds(station, 1, 6, 257, "3a98")
        with pytest.raises(EnvelopeViolation, match=said):
            station.modbus(data, serial=True)


def test_a_place_without_envelope_is_only_read(time: Time) -> None:
    station = guard(75, "modbus-rtu", time, unit=1)
    station.modbus(master.read(1, 4, 5, 3).rtu(), serial=True)
    with pytest.raises(EnvelopeViolation, match="no envelope: this place is only read"):
        station.modbus(serial(261, 60), serial=True)


def test_writes_are_counted_by_the_minute(heidelberg: Guard, time: Time) -> None:
    for second, amperes in enumerate((60, 61, 62)):
        time.at = second
        heidelberg.modbus(serial(261, amperes), serial=True)
    time.at = 60.0
    heidelberg.modbus(serial(261, 63), serial=True)
    time.at = 60.5
    with pytest.raises(EnvelopeViolation, match="3 writes in a minute"):
        heidelberg.modbus(serial(261, 64), serial=True)


def test_hours_flash_and_rate_are_kept(time: Time) -> None:
    hour = Clock(time.monotonic, time.now).time_of_day().hour
    late = guard(
        75, "modbus-rtu", time, unit=1, current=[0, 16], hours=[f"{(hour + 2) % 24:02}:00-{(hour + 3) % 24:02}:00"]
    )
    holds(late, 1, 6, 261, "00a0")
    with pytest.raises(EnvelopeViolation, match="writes are allowed"):
        late.modbus(serial(261, 60), serial=True)
    worn = guard(75, "modbus-rtu", time, unit=1, current=[0, 16], flash_per_day=1)
    holds(worn, 1, 6, 262, "0000")
    worn.modbus(serial(262, 60), serial=True)
    with pytest.raises(EnvelopeViolation, match="1 writes to flash today, 1 are allowed"):
        worn.modbus(serial(262, 70), serial=True)
    steep = guard(75, "modbus-rtu", time, unit=1, current=[0, 16], current_rate=2)
    holds(steep, 1, 6, 261, "00a0")
    time.at = 3.0
    steep.modbus(serial(261, 110), serial=True)  # 16 to 11 A in 3 s
    with pytest.raises(EnvelopeViolation, match=r"11 to 8 A within 1.0 s: the envelope allows 2 A each second"):
        steep.modbus(serial(261, 80), serial=True)


def test_a_share_of_the_rating_is_watts(time: Time) -> None:
    inverter = guard(30, "modbus-tcp", time, model="SG10RT", power=[0, 6000])
    unit = inverter.rehearsal.installation.main.unit
    limit = next(row for row in inverter.rehearsal.space(unit).rows if row.quantity == "limit_permille")  # type: ignore[union-attr]
    holds(inverter, unit, 6, limit.address, "03e8")
    inverter.modbus(write(unit, 6, limit.address, "0257"), serial=False)  # 59.9 % of 10 kW
    with pytest.raises(EnvelopeViolation, match="6010 W: the envelope allows at most 6000 W"):
        inverter.modbus(write(unit, 6, limit.address, "0259"), serial=False)


def test_a_switch_that_takes_a_limit_off_is_seen_in_the_rehearsal(time: Time) -> None:
    inverter = guard(30, "modbus-tcp", time, model="SG10RT", power=[0, 6000])
    unit = inverter.rehearsal.installation.main.unit
    rows = {row.quantity: row.address for row in inverter.rehearsal.space(unit).rows}  # type: ignore[union-attr]
    holds(inverter, unit, 6, rows["limit_permille"], f"{400:04x}")
    holds(inverter, unit, 6, rows["limit_switch"], "00aa")
    with pytest.raises(EnvelopeViolation, match="lets it feed 10000 W: the envelope allows 6000 W"):
        inverter.modbus(write(unit, 6, rows["limit_switch"], "0055"), serial=False)


def test_a_battery_may_be_charged_and_not_discharged_and_only_up_to_a_state_of_charge(time: Time) -> None:
    battery = guard(53, "modbus-tcp", time, power=[-2000, 0], soc=[20, 90])
    unit = battery.rehearsal.installation.main.unit
    rows = {row.quantity: row.address for row in battery.rehearsal.space(unit).rows if row.scale == 1}  # type: ignore[union-attr]
    for name, before in (("command_power", "0000"), ("ems_mode", "0000"), ("command", "00cc")):
        holds(battery, unit, 6, rows[name], before)
    battery.envelope.limits = battery.envelope.limits.model_copy(update={"flash_per_day": 5})
    battery.heard(91.0)
    battery.modbus(write(unit, 6, rows["command_power"], f"{1500:04x}"), serial=False)
    battery.modbus(write(unit, 6, rows["ems_mode"], "0002"), serial=False)
    with pytest.raises(EnvelopeViolation, match="charges at 91 %: the envelope allows up to 90 %"):
        battery.modbus(write(unit, 6, rows["command"], "00aa"), serial=False)
    again = guard(53, "modbus-tcp", time, power=[-2000, 0], flash_per_day=5)
    for name, before in (("command_power", "05dc"), ("ems_mode", "0002"), ("command", "00cc")):
        holds(again, unit, 6, rows[name], before)
    with pytest.raises(EnvelopeViolation, match="commands 1500 W: the envelope allows -2000 to 0 W"):
        again.modbus(write(unit, 6, rows["command"], "00bb"), serial=False)


def test_the_gate_wants_the_number_and_the_firmware_of_the_bench_file() -> None:
    place = PlaceSettings(name="roof", row=30, protocol="modbus-tcp", device="real", serial="A17", firmware="2.0")
    gate.check(place, Identity("Sungrow", "SG10RT", "A17", "2.0"))
    with pytest.raises(WrongDevice, match=r"with firmware 2.1, the bench file has 2.0"):
        gate.check(place, Identity("Sungrow", "SG10RT", "A17", "2.1"))
    with pytest.raises(WrongDevice, match="with serial number none, the bench file has A17"):
        gate.check(place, Identity("Sungrow", "SG10RT"))
