"""A kind of device that nobody has thought of costs four files: its record, its twin, a family file and a driver.

Here it is a water meter: the record stands as a module of the section's name, the twin behind `twin_of`, and every
story and fault that is offered to it is told.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar

import pytest

from controller.compatibility.rows import rows
from controller.devices import Identity, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.errors import WrongDevice
from emulators.family import build
from emulators.family.profile import Profile, load
from scenarios.campaign.cases import Case, tell
from scenarios.campaign.every import FAULTS, STORIES
from scenarios.kinds.kind import Kind, kind_of
from twin.model import Model
from twin.quantity import counted

ROW = 134
FAMILY = """
serves = { 134 = ["modbus-tcp"] }
kind = "water-meter"
document = "Aquarius Modbus map"
revision = "2.0"
evidence = "document"
sources = ["aquarius.example/modbus-2.0.pdf"]
models = [{ name = "BMG 1020", row = 134, serial = 7023417 }]

[modbus]
unit = 3
functions = [3]

[registers]
holding = [
  [0, "STR8", 1, "r", "Manufacturer", "=Aquarius"],
  [8, "U32", 1, "r", "Serial number", "model.serial"],
  [10, "U32", 0.001, "r", "Volume, litres", "volume"],
  [12, "U16", 0.01, "r", "Flow", "flow"],
  [13, "S16", 0.1, "r", "Temperature", "temperature"],
]
"""


class WaterMeter(Model):
    """Water: volume in m3, flow in m3/h, temperature in degrees C."""

    quantities: ClassVar[tuple[str, ...]] = ("volume", "flow", "temperature")
    counters: ClassVar[dict[str, tuple[str, int]]] = {"volume": ("flow", 1)}
    volume = counted()

    def __init__(self) -> None:
        super().__init__()
        self.volume = self.flow = 0.0
        self.temperature = 11.0


def truth(rating: float, phases: int, turn: int, sun: bool) -> dict[str, Any]:
    return {"volume": (71_234.567, 12.345)[turn], "flow": (4.37, 81.83)[turn], "temperature": (-2.7, 11.4)[turn]}


class Aquarius(ModbusDevice):
    """Drives Aquarius water meters. Source: Aquarius Modbus map 2.0."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {ROW: ("modbus-tcp",)}
    kind: ClassVar[str] = "water-meter"
    default_unit = 3

    maker = Setting(0, "str8")
    serial = Setting(8, "u32")
    volume = Measure(10, "u32", 0.001, "m³")
    flow = Measure(12, "u16", 0.01, "m³/h")
    temperature = Measure(13, "s16", 0.1, "°C")

    async def identify(self) -> Identity:
        told = await self.fetch((type(self).maker, type(self).serial))
        if told["maker"] != "Aquarius":
            raise WrongDevice(f"a meter of {told['maker']!r}", ["Aquarius"])
        return Identity("Aquarius", "BMG 1020", serial=str(told["serial"]))

    async def read(self) -> Reading:
        return await self.sample()


@pytest.fixture
def water(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The section of the row, the kind's record as a module of its name, and its twin."""
    record = ModuleType("scenarios.kinds.water_meter")
    record.KIND = Kind("water-meter", "other", ("volume", "flow"), truth, besides=("temperature",), budget=5.0)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, record.__name__, record)
    ours = build.twin_of
    monkeypatch.setattr(
        build, "twin_of", lambda kind, *facts: WaterMeter() if kind == "water-meter" else ours(kind, *facts)
    )
    monkeypatch.setattr("emulators.family.twins.twin_of", build.twin_of)
    row = next(each for each in rows() if each.row == ROW)
    section = row.section
    object.__setattr__(row, "section", "water-meter")
    yield
    object.__setattr__(row, "section", section)
    kind_of.cache_clear()


@pytest.fixture
def family(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Profile:
    place = tmp_path / "emulators" / "aquarius" / "meter.toml"
    place.parent.mkdir(parents=True)
    place.write_text(FAMILY, "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr("emulators.family.profile.ROOT", tmp_path / "emulators")
        found = load(place)
    monkeypatch.setattr("scenarios.stories.generic.profile_for", lambda row, protocol: replace(found))
    monkeypatch.setattr("scenarios.bench.ways.profiles", lambda: (found,))
    return found


def test_a_new_kind_of_device_passes_every_story_that_is_offered_to_it(water, family):
    offered = [each for each in (*STORIES, *FAULTS) if each.offered(ROW, kind_of("water-meter"), "modbus-tcp")]
    told = [tell(Case(ROW, "modbus-tcp", "BMG 1020", each.id), driver=Aquarius, profile=family) for each in offered]
    assert [(each.case.story, each.detail) for each in told if each.verdict == "fail"] == []
    passed = {each.case.story for each in told if each.verdict == "pass"}
    assert passed >= {"identify", "read", "generic", "two-devices", "garbled", "line-lost", "second-client"}


def test_what_the_record_of_a_new_kind_demands_is_missed(water, family):
    class Forgetful(Aquarius):
        async def read(self) -> Reading:
            return {name: value for name, value in (await self.sample()).items() if name != "flow"}

    outcome = tell(Case(ROW, "modbus-tcp", "BMG 1020", "read"), driver=Forgetful, profile=family)
    assert outcome.verdict == "fail" and "flow" in outcome.detail
