"""Fuel cells, a CHP and an electrolyser: slow machines, told within what they can do, as rarely as they stand it."""

from typing import Any

import pytest

from controller.drivers.enapter import EnapterElectrolyser
from controller.drivers.fuel_cell import FuelCell
from controller.drivers.twog import LOCKED, GBox50
from controller.errors import NotControllable, Refused, WrongDevice


@pytest.fixture
def cell(desk: Any, registers: Any) -> Any:
    line = registers()
    line.lay(0, "HHhHhhIIIIHH", 2, 0, 1234, 643, 523, 387, 71_234_567, 55_123_456, 1_234_567, 8760, 500, 1500)
    line.lay(100, "HHHH", 0, 0, 0, 1234)
    return desk(FuelCell, line, row=139)


def test_a_fuel_cell_tells_what_it_gives_and_has_given(cell: Any) -> None:
    who = cell.do(cell.driver.identify())
    assert (who.model, who.rated_power) == ("BlueGEN BG-15", 1500)
    reading = cell.do(cell.driver.read())
    assert (reading["power"], reading["heat_power"], reading["energy"]) == (1234, 643, 71_234_567)
    assert (reading["water_temperature"], reading["power_setpoint"], reading["status"]) == (52.3, None, "running")
    cell.line.lay(100, "HH", 1, 1277)
    assert cell.do(cell.driver.read())["power_setpoint"] == 1277
    cell.line.lay(0, "HHh", 1, 0, -217)
    reading = cell.do(cell.driver.read())
    assert (reading["power"], reading["status"]) == (-217, "starting")


def test_a_fuel_cell_is_modulated_and_never_switched_off(cell: Any) -> None:
    for watts, told in ((0, 500), (9000, 1500), (-500, 500), (1277, 1277)):
        cell.do(cell.driver.set_power(watts))
        assert cell.line.value(100, "HH") == 1 and cell.line.value(101) == told
        cell.wait(900)


def test_a_fuel_cells_power_is_changed_every_quarter_of_an_hour_at_most(cell: Any) -> None:
    cell.do(cell.driver.set_power(800))
    for _ in range(29):
        cell.wait(30)
        cell.do(cell.driver.set_power(1400))
    assert (cell.line.value(101), cell.driver.problem) == (
        800,
        "1400 W wait: its power is changed every 15 min at most",
    )
    cell.wait(30)
    cell.do(cell.driver.set_power(1400))
    assert (cell.line.value(101), cell.driver.problem) == (1400, "")


def test_the_counter_changes_with_each_repetition(cell: Any) -> None:
    beats = []
    for _ in range(3):
        cell.do(cell.driver.set_power(800))
        beats.append(cell.line.value(102))
    assert len(set(beats)) == 3
    assert [function for function, _, _ in cell.line.written] == [16, 16, 16]


@pytest.mark.parametrize(("state", "why"), [(0, "is off"), (3, "cools down"), (4, "has a fault"), (5, "is in service")])
def test_a_fuel_cell_that_does_not_run_is_not_commanded(cell: Any, state: int, why: str) -> None:
    cell.line.lay(0, "H", state)
    with pytest.raises(NotControllable, match=why):
        cell.do(cell.driver.set_power(800))
    assert not cell.line.written


def test_a_released_fuel_cell_follows_itself_and_a_stranger_is_none(cell: Any) -> None:
    cell.do(cell.driver.set_power(800))
    cell.do(cell.driver.release())
    assert cell.line.value(100) == 0
    cell.line.lay(14, "HH", 1500, 500)
    with pytest.raises(WrongDevice, match="BlueGEN"):
        cell.do(cell.driver.identify())


ALLOWED, EXTERNAL, LATCHED = 0x02, 0x01, 0x10


@pytest.fixture
def plant(desk: Any, registers: Any) -> Any:
    line = registers()
    line.lay(0, "HHhhhhhhIIIIH", 4, ALLOWED, 377, 934, 823, 617, 1042, 871, 71_234, 155_123, 8760, 512, 0)
    line.lay(1024, "HHH", 0, 0, 0)
    return desk(GBox50, line, row=141)


def test_a_chp_tells_what_it_gives_and_has_given(plant: Any) -> None:
    assert plant.do(plant.driver.identify()).rated_power == 50_000
    reading = plant.do(plant.driver.read())
    assert (reading["power"], reading["heat_power"], reading["energy"]) == (37_700, 93_400, 71_234_000)
    assert (reading["mode"], reading["status"]) == ("own", "running")
    plant.line.lay(2, "h", -4)
    assert plant.do(plant.driver.read())["power"] == -400


def test_a_chp_is_told_a_share_of_its_rating_with_a_life_counter(plant: Any) -> None:
    for watts, share in ((37_125, 742), (90_000, 1000), (26_000, 520), (13_000, 500)):
        plant.do(plant.driver.set_power(watts))
        assert (plant.line.value(1024), plant.line.value(1025)) == (0x3, share)
    assert plant.line.value(1026) == 4


def test_a_lost_external_control_is_said_and_nothing_is_written_until_a_person_brings_it_back(plant: Any) -> None:
    plant.do(plant.driver.set_power(40_000))
    plant.line.lay(1, "H", LATCHED)
    plant.line.writes()
    with pytest.raises(NotControllable, match=LOCKED):
        plant.do(plant.driver.set_power(40_000))
    assert not plant.line.written
    reading = plant.do(plant.driver.read())
    assert (reading["power"], reading["mode"]) == (37_700, "own")
    plant.line.lay(1, "H", ALLOWED)
    plant.do(plant.driver.set_power(40_000))
    assert plant.line.value(1025) == 800


def test_a_chp_that_never_takes_external_control_is_not_taken_for_commanded(plant: Any) -> None:
    plant.do(plant.driver.set_power(40_000))
    plant.wait(5)
    with pytest.raises(NotControllable):
        plant.do(plant.driver.set_power(40_000))
    plant.line.lay(1, "H", ALLOWED | EXTERNAL)
    plant.do(plant.driver.set_power(40_000))
    assert plant.do(plant.driver.read())["mode"] == "external"


def test_a_chp_runs_for_an_hour_and_stands_for_half_of_one(plant: Any) -> None:
    plant.line.lay(0, "HH", 1, ALLOWED | EXTERNAL)
    plant.do(plant.driver.read())
    plant.do(plant.driver.set_power(40_000))
    plant.line.lay(0, "H", 2)
    plant.do(plant.driver.read())
    plant.wait(3500)
    plant.do(plant.driver.set_power(0))
    assert (plant.line.value(1025), plant.driver.problem) == (500, "a stop waits: it runs for 60 min at least")
    plant.wait(101)
    plant.do(plant.driver.set_power(0))
    assert (plant.line.value(1024), plant.line.value(1025), plant.driver.problem) == (0x1, 0, "")
    plant.line.lay(0, "H", 1)
    plant.do(plant.driver.read())
    plant.do(plant.driver.set_power(40_000))
    assert (plant.line.value(1025), plant.driver.problem) == (0, "a start waits: it stands for 30 min at least")


def test_a_released_chp_follows_the_heat_and_a_stranger_is_none(plant: Any) -> None:
    plant.do(plant.driver.set_power(40_000))
    plant.do(plant.driver.release())
    assert plant.line.value(1024) == 0
    plant.line.lay(0, "H", 9)
    with pytest.raises(WrongDevice):
        plant.do(plant.driver.identify())


class Spaces:
    """Input and holding registers apart, as an Enapter has them."""

    def __init__(self, registers: Any) -> None:
        self.input, self.holding = registers(), registers()
        self.unit = 1
        self.input.lay(0, "4s", b"EL21")
        self.input.lay(6, "QQ", 0x0102, 0x0021_0043_0000_A0B1)
        self.input.lay(18, "H", 1)
        self.input.lay(1006, "f", 1_234_567.0)
        self.input.lay(1200, "H", 3)
        self.input.lay(7516, "f", 1.75)
        self.holding.lay(1000, "HHf", 1, 0, 75.0)
        self.holding.lay(4000, "HH", 0, 0)
        self.holding.lay(4600, "I", 0)

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        space = self.input if function == 4 else self.holding
        found: bytes = await space.read(unit, function, address, count)
        return found

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        await self.holding.write(unit, function, address, data)


@pytest.fixture
def enapter(desk: Any, registers: Any) -> Any:
    return desk(EnapterElectrolyser, Spaces(registers), row=142)


def rate(enapter: Any) -> float:
    found: float = enapter.line.holding.value(1002, "f")
    return found


def test_an_electrolyser_tells_hydrogen_and_no_power(enapter: Any) -> None:
    who = enapter.do(enapter.driver.identify())
    assert (who.model, who.serial) == ("EL21", "0000000000000102002100430000A0B1")
    reading = enapter.do(enapter.driver.read())
    assert (reading["hydrogen_volume"], reading["status"]) == (1234.567, "running")
    assert (reading["water_pressure"], "power" in reading) == (175_000, False)


@pytest.mark.parametrize(("watts", "percent"), [(2400, 100), (1400, 60), (1900, 80), (9000, 100), (1000, 60)])
def test_watts_become_a_production_rate(enapter: Any, watts: float, percent: float) -> None:
    enapter.do(enapter.driver.set_power(watts))
    assert rate(enapter) == pytest.approx(percent)
    assert enapter.line.holding.value(1000) == 1


def test_the_rate_goes_in_one_request_and_the_heartbeat_is_set_once(enapter: Any) -> None:
    for _ in range(3):
        enapter.do(enapter.driver.set_power(1900))
    written = [(function, address) for function, address, _ in enapter.line.holding.written]
    assert written == [(6, 4000), (16, 4600), (6, 4001), *[(16, 1002), (6, 1000)] * 3]
    assert enapter.line.holding.value(4600, "I") == 60


def test_a_heartbeat_that_stands_already_is_not_written_again(enapter: Any) -> None:
    enapter.line.holding.lay(4600, "I", 60)
    enapter.do(enapter.driver.set_power(1900))
    assert [address for _, address, _ in enapter.line.holding.written] == [1002, 1000]


def test_an_electrolyser_runs_for_a_quarter_of_an_hour_before_it_is_stopped(enapter: Any) -> None:
    enapter.line.input.lay(1200, "H", 2)
    enapter.do(enapter.driver.read())
    enapter.do(enapter.driver.set_power(1900))
    enapter.line.input.lay(1200, "H", 3)
    enapter.do(enapter.driver.read())
    enapter.wait(890)
    enapter.do(enapter.driver.set_power(0))
    assert (enapter.line.holding.value(1000), rate(enapter)) == (1, 60)
    enapter.wait(11)
    enapter.do(enapter.driver.set_power(0))
    assert enapter.line.holding.value(1000) == 0


@pytest.mark.parametrize(
    ("address", "code", "why"), [(18, 3, "fatal error"), (18, 4, "expert mode"), (1200, 1, "maintenance")]
)
def test_an_electrolyser_in_somebodys_hands_is_not_commanded(enapter: Any, address: int, code: int, why: str) -> None:
    enapter.line.input.lay(address, "H", code)
    with pytest.raises(NotControllable, match=why):
        enapter.do(enapter.driver.set_power(1900))
    assert not enapter.line.holding.written


def test_a_released_electrolyser_stops(enapter: Any) -> None:
    enapter.do(enapter.driver.set_power(2400))
    enapter.do(enapter.driver.release())
    assert enapter.line.holding.value(1000) == 0


def test_another_device_is_no_electrolyser(enapter: Any) -> None:
    enapter.line.input.lay(0, "4s", b"FC60")
    with pytest.raises(WrongDevice, match="FC60"):
        enapter.do(enapter.driver.identify())


class Deaf:
    """Registers that take what is written and forget it."""

    def __init__(self, line: Any) -> None:
        self.line, self.unit = line, line.unit

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        found: bytes = await self.line.read(unit, function, address, count)
        return found

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        pass


def test_a_machine_that_takes_a_command_and_does_not_keep_it_is_found_out(cell: Any, plant: Any, enapter: Any) -> None:
    for machine, watts in ((cell, 800), (enapter, 1900), (plant, 40_000)):
        if machine is plant:
            machine.do(machine.driver.set_power(watts))
            machine.line.lay(1, "H", ALLOWED | EXTERNAL)
        machine.driver.line = Deaf(machine.line)
        with pytest.raises(Refused, match="not followed"):
            machine.do(machine.driver.set_power(watts))
