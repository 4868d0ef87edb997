"""Devices are found, told apart by the real drivers, and written into a site file; none of them is changed."""

import asyncio
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from zeroconf import ServiceInfo, Zeroconf

from controller.errors import ConfigurationError, Refused
from controller.sitefile import check, load
from rigs.find.announced import named
from rigs.find.asked import find
from rigs.find.finder import Finder
from rigs.find.found import Found
from rigs.find.harmless import harmless
from rigs.find.search import Search
from rigs.find.where import places
from rigs.find.write import draft, names, write
from rigs.loopback import LoopbackRig, Served

QUICK = 0.15  # s for an answer of an emulated device


def looked_for(
    *devices: tuple[int, str], at: Sequence[str] = (), known: Sequence[str] = (), sends: float = 0.05
) -> tuple[list[Found], list[str], list[Any]]:
    """Who is found of these, what is said, and what any of them was told."""
    found: list[Found] = []
    said: list[str] = []

    def shown(served: Served) -> str:
        return served.host if served.installation.protocol == "udp" else served.address

    async def story() -> list[Any]:
        async with LoopbackRig(pace=0.1) as rig:
            for row, protocol in devices:
                await rig.emulate(row, protocol)
            search = Search(found.append, said.append, known=known, patience=QUICK, sends=sends)
            grouped = [each.host for each in rig.served if each.group]
            wanted = places([*(shown(each) for each in rig.served if not each.group), *at])
            await asyncio.gather(search.run(wanted, 60.0), *map(search.speedwire, grouped))
            return [write for each in rig.installations for write in each.main.writes]

    told = asyncio.run(story())
    return sorted(found, key=lambda each: each.row), said, told


def test_devices_on_every_wire_say_who_they_are_and_are_told_nothing():
    found, _, told = looked_for(
        (13, "modbus-tcp"), (65, "udp"), (83, "http"), (99, "sml"), (120, "speedwire"), sends=10.0
    )  # fmt: skip
    assert [(each.row, each.identity.model) for each in found] == [
        (13, "Piko IQ 4.2"), (65, "P30 c-serie"), (83, "cPμ1"), (99, "Basiszähler"), (120, "EnergyMeter"),
        (127, "eCB1"),
    ]  # fmt: skip
    assert found[3].also == (101, 103, 105, 100, 102, 104)  # its telegram says nothing of the row but the maker
    assert found[4].entry("m")["serial"] == "1900223344"
    assert {each.objection for each in found} == {""}
    assert told == []


def test_what_the_level_refuses_is_found_with_the_reason_and_what_is_in_use_is_left_alone():
    found, said, _ = looked_for((96, "modbus-tcp"), at=("127.0.0.77", "127.0.0.78:1"), known=("127.0.0.77",))
    assert [each.row for each in found] == [96]
    assert found[0].objection == "row 96 needs HEM firmware level 3.1.0, this is 3.0.0"
    assert said == ["127.0.0.77 is left out: the controller uses it"]


def test_the_service_leaves_alone_what_its_controller_has_a_line_to(tmp_path: Path):
    line = {"host": "localhost"}
    site = check({"device": [{"name": "roof", "row": 1, "model": "STP 8.0", "line": line}]})
    finder = Finder(str(tmp_path / "site.toml"), site)
    finder.begin(["127.0.0.1"], network=False)
    while finder.told()["running"]:
        pass
    assert finder.told()["said"] == ["127.0.0.1 is left out: the controller uses it"]
    with pytest.raises(ConfigurationError, match="one of those that were found, not 0"):
        finder.draft([{"number": 0, "name": "x"}])


def test_what_changes_a_device_does_not_leave_this_machine():
    async def story() -> list[str]:
        async with LoopbackRig(pace=0.1, timeout=QUICK) as rig:
            lines = [
                harmless(await rig.emulate(*each))
                for each in ((1, "modbus-tcp"), (65, "udp"), (83, "http"), (47, "tcp"))
            ]
            modbus, udp, web, stream = lines
            no = []
            for change in (
                modbus.write(3, 16, 40149, b"\0\0\0\1"), udp.send(b"ena 0"), stream.send(b"+\x02\x08\0\0\0\0"),
                web.request("PUT", "/api/v1/chargecontrols/1/mode", body=b"{}"),
            ):  # fmt: skip
                with pytest.raises(Refused, match="only reads"):
                    await change
                no.append("refused")
            return no + [write for each in rig.installations for write in each.main.writes]

    assert asyncio.run(story()) == ["refused"] * 4


@pytest.mark.parametrize(
    ("where", "why"),
    [("8.8.8.0/24", "one of the internet"), ("10.0.0.0/8", "at most 512"), ("x y", "not 'x y'"), ("a:0", "not 'a:0'"),
     ("10.0.0.1/99", "not '10.0.0.1/99'"), ("/dev/none", "/dev/none"), ("nobody.invalid", "no host is called")],
)  # fmt: skip
def test_a_place_that_is_none_is_refused_in_a_line(where, why):
    with pytest.raises(ConfigurationError, match=why):
        places([where])


def test_a_level_that_is_none_is_refused_before_anybody_is_asked():
    with pytest.raises(ConfigurationError, match="unknown level"):
        find(["127.0.0.1:1"], False, "9.9", 5.0, "")


def test_names_are_heard_by_multicast_dns():
    told = Zeroconf(interfaces=["127.0.0.1"])
    kind = "_modbus._tcp.local."
    told.register_service(ServiceInfo(kind, f"roof.{kind}", 502, addresses=[b"\x7f\x01\x02\x03"], server="roof.local."))
    try:
        assert asyncio.run(named(1.5, "127.0.0.1"))["127.1.2.3"] == "roof"
    finally:
        told.close()


def test_found_devices_stand_in_the_site_file_behind_what_is_there(tmp_path: Path):
    found, _, _ = looked_for((13, "modbus-tcp"), (112, "modbus-rtu"), (96, "modbus-tcp"))
    file = tmp_path / "site.toml"
    file.write_text('# of the installer\n[site]\nname = "Haus"\n')
    entries = [each.entry(name) for each, name in zip(found, names(found, {"pv"}), strict=True)]
    with pytest.raises(ConfigurationError, match="row 96 needs HEM firmware level"):
        write(str(file), entries)
    assert file.read_text() == '# of the installer\n[site]\nname = "Haus"\n'
    entries = [
        each | ({"function": "grid-meter"} if each["row"] == 112 else {}) for each in entries if each["row"] != 96
    ]
    text, told = draft(str(file), entries)
    assert told["missing"] == []
    write(str(file), entries)
    assert file.read_text() == text
    assert text.startswith("# of the installer\n")
    assert (tmp_path / "site.toml.before").read_text() == '# of the installer\n[site]\nname = "Haus"\n'
    assert [(each.name, each.row, each.model, each.function) for each in load(file).device] == [
        ("pv-2", 13, "Piko IQ 4.2", "pv"), ("meter", 112, "SDM630", "grid-meter")
    ]  # fmt: skip
    line = tomllib.loads(text)["device"][1]["line"]
    assert (line["baud"], line["parity"], line["stop"]) == (9600, "N", 1)
