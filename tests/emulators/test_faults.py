"""Faults do what their names say, show that they did, and are refused where a device cannot have them."""

import struct

import pytest

from emulators.family.build import build
from emulators.faults.known import CATALOGUE, UnfitFault, UnknownFault
from emulators.faults.possible import BESIDE, CONNECTIONS, WIRES, WRITTEN, ImpossibleFault
from scenarios.bench.bench import Bench

ON_EVERY_WIRE = [
    (30, "modbus-tcp"), (30, "modbus-rtu"), (47, "tcp"), (83, "http"), (147, "http"), (65, "udp"), (99, "sml"),
    (120, "speedwire"), (143, "contacts"),
]  # fmt: skip


def test_every_fault_of_the_catalogue_can_be_had_somewhere_or_happens_beside_the_device():
    assert set(CATALOGUE) == set().union(*WIRES.values(), WRITTEN, BESIDE)


@pytest.mark.parametrize(("row", "protocol"), ON_EVERY_WIRE)
def test_every_fault_that_a_wire_can_have_shows_in_a_reading(row: int, protocol: str):
    told = sorted(Bench(row, protocol).device.possible - WRITTEN)
    assert [fault for fault in told if not shows(row, protocol, fault)] == []


def shows(row: int, protocol: str, fault: str) -> bool:
    """Whether a fault changes what the driver gets while the truth changes."""
    bench = Bench(row, protocol)

    async def story(bench: Bench) -> None:
        await bench.identify()
        bench.set_telling(0)
        await bench.read()
        bench.device.begin(fault)
        for turn in (0, 1):
            if protocol == "contacts":
                bench.set(k1=turn == 0, k2=turn == 1)
            bench.set_telling(turn)
            await bench.sleep(4000.0 if row == 147 else 61.0)  # prices are asked for once an hour
            await bench.attempt(bench.read)

    bench.tell(story)
    return fault in bench.device.faults.shown


@pytest.mark.parametrize(
    ("row", "protocol", "fault"),
    [
        (106, "modbus-rtu", "connect-hang"), (112, "modbus-rtu", "connect-refused"), (65, "udp", "short-count"),
        (99, "sml", "busy"), (143, "contacts", "sign-flip"), (30, "modbus-rtu", "wrong-transaction"),
        (30, "modbus-tcp", "clock-step"), (30, "modbus-tcp", "second-master"),
    ],
)  # fmt: skip
def test_a_fault_that_a_device_cannot_have_is_refused_and_what_it_can_have_is_named(row, protocol, fault):
    device = build(row, protocol, clock=lambda: 0.0).main
    with pytest.raises(ImpossibleFault) as no:
        device.begin(fault)
    assert all(name in str(no.value) for name in device.possible)
    assert fault not in device.faults


@pytest.mark.parametrize(
    ("fault", "parameters", "words"),
    [
        ("flu", {}, "unknown fault 'flu'"),
        ("noise", {"seconds": 3}, "noise has no parameter 'seconds', it has none"),
        ("late-reply", {"seconds": "soon"}, "seconds of late-reply is a number from 0 on, not 'soon'"),
        ("busy", {"factor": -10}, "factor of busy is a number from 0 on, not -10"),
        ("exception", {"code": 700_000}, "code of exception is a whole number from 0 to 255, not 700000"),
        ("sign-flip", {"quantity": "mood"}, "30-1 tells no quantity 'mood'"),
    ],
)
def test_a_parameter_that_would_be_ignored_is_refused(fault, parameters, words):
    with pytest.raises(UnfitFault, match=words):
        build(30, "modbus-tcp", clock=lambda: 0.0).main.begin(fault, **parameters)


def test_no_catalogue_entry_is_unknown_to_what_ends_it():
    with pytest.raises(UnknownFault):
        build(30, "modbus-tcp", clock=lambda: 0.0).main.end("flu")


class Sg:
    """A Sungrow string inverter, asked by hand."""

    def __init__(self) -> None:
        self.now = 1_750_000_000.0
        self.installation = build(30, "modbus-tcp", clock=lambda: self.now, model="SG10RT")
        self.device = self.installation.main

    def write(self, address: int, value: int) -> None:
        pdu = bytes((6,)) + address.to_bytes(2, "big") + value.to_bytes(2, "big")
        self.installation.wire.open().feed(bytes((0, 1, 0, 0, 0, 6, self.device.unit)) + pdu)

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.device.wake()

    @property
    def limit(self) -> float:
        return float(self.device.twin.power_limit)


def test_a_reverted_value_is_lost_after_its_seconds_and_the_others_stay():
    sg = Sg()
    sg.write(5006, 0xAA)
    sg.write(5007, 421)
    assert sg.limit == 4210.0
    sg.device.begin("write-reverted", seconds=12.5)
    sg.write(5007, 307)
    sg.later(12.0)
    assert (sg.limit, sg.device.faults.shown) == (3070.0, set())
    sg.later(1.0)
    assert (sg.limit, sg.device.faults.shown) == (10_000.0, {"write-reverted"})
    assert sg.device.face.limit_switch == 0xAA


def test_a_lost_enable_chain_forgets_at_once_and_the_device_answers_on():
    sg = Sg()
    sg.write(5006, 0xAA)
    sg.write(5007, 421)
    sg.device.begin("enable-lost")
    assert sg.limit == 10_000.0
    sg.write(5007, 307)
    sg.later(60.0)
    assert sg.limit == 3070.0


def test_a_device_that_restarts_is_dark_for_its_seconds():
    sg = Sg()
    connection = sg.device.endpoint.connect()
    sg.device.begin("reboot", seconds=20)
    assert connection.closed
    sg.later(19.0)
    assert "reboot" in sg.device.faults
    sg.later(2.0)
    assert "reboot" not in sg.device.faults
    sg.device.endpoint.connect()


def test_connections_are_the_main_device_s():
    installation = build(32, "modbus-tcp", clock=lambda: 0.0)
    main, hanging = installation.devices[0], installation.devices[1]
    assert main.possible >= CONNECTIONS
    assert not CONNECTIONS & hanging.possible


def test_what_is_told_falsely_follows_the_truth_the_fault_and_its_end():
    device = build(112, "modbus-rtu", clock=lambda: 0.0)
    unit, meter = device.wire.open()._station.units[device.main.unit], device.main  # type: ignore[attr-defined]

    def told() -> float:
        answer = unit.execute(b"\x04\x00\x34\x00\x02")  # total system power, an F32
        return float(struct.unpack(">f", answer[2:])[0])

    def true(watts: float) -> float:
        meter.twin.set("power", watts)
        return told()

    assert true(-750.0) == -750.0
    meter.begin("sign-flip")
    assert [true(-750.0), told(), true(1234.0), told(), true(-750.0)] == [750.0, 750.0, -1234.0, -1234.0, 750.0]
    meter.end("sign-flip")
    meter.begin("frozen")
    assert [told(), true(1234.0), told()] == [-750.0, -750.0, -750.0]
    meter.end("frozen")
    assert told() == 1234.0
    meter.begin("frozen")
    assert [told(), true(-750.0), true(1234.0)] == [1234.0, 1234.0, 1234.0]


def test_devices_of_one_family_share_where_their_rows_stand_and_nothing_else():
    one, other = (build(112, "modbus-rtu", clock=lambda: 0.0) for _ in range(2))
    first, second = (each.wire.open()._station.units[each.main.unit].spaces["input"] for each in (one, other))  # type: ignore[attr-defined]
    assert first.rows[0] is second.rows[0]
    first.without([[0x34, 0x34]])
    one.main.twin.set("power", -321.0)
    assert first.read(0x34, 2) == bytes(4)
    other.main.twin.set("power", -321.0)
    assert struct.unpack(">f", second.read(0x34, 2)) == (-321.0,)
