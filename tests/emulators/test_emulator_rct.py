"""RCT Power Storage over TCP 8899, asked and understood with the foreign library rctclient."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rctclient.frame import ReceiveFrame, SendFrame
from rctclient.registry import REGISTRY
from rctclient.types import Command, DataType, FrameType
from rctclient.utils import decode_value, encode_value

from emulators.family.build import build
from emulators.rctpower import frames as rct
from emulators.wires.wire import NoConnection
from rigs.simulated import environment

TYPES = {"F32": {DataType.FLOAT}, "U8": {DataType.UINT8, DataType.ENUM, DataType.BOOL}, "S32": {DataType.INT32},
         "U32": {DataType.UINT32}, "STR": {DataType.STRING}, "S8": {DataType.INT8}, "U16": {DataType.UINT16},
         "S16": {DataType.INT16}}  # fmt: skip


class Client:
    """One client of the inverter."""

    def __init__(self, row: int = 47, other: "Client | None" = None, **options: Any) -> None:
        self.env = other.env if other else environment()
        self.installation = (
            other.installation if other else build(row, "tcp", clock=lambda: float(self.env.now), **options)
        )
        self.device = self.installation.main
        self.connection = self.installation.wire.connect()

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)
        self.device.wake()

    def set(self, **quantities: Any) -> None:
        self.device.wake()
        for name, value in quantities.items():
            self.device.twin.set(name, value)

    def raw(self, data: bytes) -> bytes:
        return b"".join(out.data for out in self.connection.receive(data))

    def read(self, name: str) -> Any:
        """The value of an object, None when it is not answered."""
        entry = REGISTRY.get_by_name(name)
        data = self.raw(SendFrame(Command.READ, entry.object_id).data)
        frames = understood(data)
        if not frames:
            return None
        assert frames[-1].id == entry.object_id
        return decode_value(entry.response_data_type, frames[-1].data)

    def write(self, name: str, value: Any) -> bytes:
        entry = REGISTRY.get_by_name(name)
        payload = encode_value(entry.request_data_type, value)
        return self.raw(SendFrame(Command.WRITE, entry.object_id, payload).data)


def understood(data: bytes) -> list[ReceiveFrame]:
    frames = []
    while data:
        frame = ReceiveFrame()
        data = data[frame.consume(data) :]
        assert frame.complete()
        assert frame.crc_ok
        frames.append(frame)
    return frames


def test_every_object_has_the_id_name_and_type_of_the_foreign_registry() -> None:
    for entry in Client(48).installation.wire.open()._station.objects.values():
        foreign = REGISTRY.get_by_id(entry.id)
        assert foreign.name == entry.name
        assert foreign.response_data_type in TYPES[entry.type]


def test_an_ac_storage_has_the_objects_of_strings_without_anything_on_them() -> None:
    inverter = Client(47)
    inverter.device.twin.pv_available = 3_000.0
    assert inverter.read("dc_conv.dc_conv_struct[0].p_dc_lp") == 0
    assert inverter.read("energy.e_dc_year[1]") == 0


def test_what_nothing_is_known_of_is_zero_or_empty() -> None:
    inverter = Client(48)
    assert inverter.read("battery.module_sn[6]") == ""
    assert inverter.read("power_mng.amp_hours") == 0
    assert inverter.read("battery.soh") == pytest.approx(0.98)


def test_the_inverter_tells_serial_name_and_software() -> None:
    inverter = Client()
    assert inverter.read("inverter_sn").rstrip("\0") == "0144A04202470147"
    assert inverter.read("svnversion").rstrip("\0") == "6.1.7"
    assert Client(48).read("inverter_sn").rstrip("\0").endswith("48")


def test_powers_have_the_house_signs_and_charges_are_fractions() -> None:
    inverter = Client()
    inverter.set(battery_power=-1877.5, grid_power=-2345.0, soc=63.4, power=-1877.5)
    assert inverter.read("g_sync.p_acc_lp") == pytest.approx(-1877.5)
    assert inverter.read("g_sync.p_ac_grid_sum_lp") == pytest.approx(-2345.0)
    assert inverter.read("battery.soc") == pytest.approx(0.634)
    assert inverter.read("g_sync.p_ac_load_sum_lp") == pytest.approx(-4222.5)


def test_the_feed_counter_is_negative_and_falls() -> None:
    inverter = Client()
    inverter.device.beside["meter"].set("export_energy", 9_876_543.0)
    inverter.set(grid_power=-70_000.0)
    before = inverter.read("energy.e_grid_feed_total")
    inverter.wait(3600)
    assert before == pytest.approx(-9_876_543, rel=1e-6)
    assert inverter.read("energy.e_grid_feed_total") == pytest.approx(before - 70_000, rel=1e-6)
    assert inverter.read("energy.e_grid_load_total") == 0


def test_battery_energies_above_16_bits() -> None:
    inverter = Client()
    inverter.set(charge_energy=4_321_700.0, discharge_energy=3_987_600.0, energy=8_765_432.0)
    assert inverter.read("battery.stored_energy") == pytest.approx(4_321_700)
    assert inverter.read("battery.used_energy") == pytest.approx(3_987_600)
    assert inverter.read("energy.e_ac_total") == pytest.approx(8_765_432, rel=1e-6)


def test_unknown_objects_are_not_answered() -> None:
    inverter = Client()
    assert inverter.raw(SendFrame(Command.READ, 0x12345678).data) == b""
    assert inverter.read("logger.minutes_soc_log_ts") is None


def test_the_dc_storage_shows_its_strings_and_throttles_them() -> None:
    inverter = Client(48)
    inverter.set(pv_power=5000.0)
    assert inverter.read("dc_conv.dc_conv_struct[0].p_dc_lp") == pytest.approx(3000)
    assert inverter.read("dc_conv.dc_conv_struct[1].p_dc_lp") == pytest.approx(2000)
    peak = inverter.read("buf_v_control.power_reduction_max_solar")
    inverter.write("buf_v_control.power_reduction", 2450.0 / peak)
    assert inverter.device.twin.power == pytest.approx(2450, rel=1e-6)
    inverter.write("buf_v_control.power_reduction", 1.0)
    assert inverter.device.twin.power == pytest.approx(5000)


def test_without_an_external_meter_throttling_is_accepted_and_ignored() -> None:
    inverter = Client(48, external_meter=False)
    inverter.set(pv_power=5000.0, grid_power=-1000.0)
    inverter.write("buf_v_control.power_reduction", 0.1)
    assert inverter.device.twin.power == pytest.approx(5000)
    assert inverter.read("g_sync.p_ac_sc_sum") == 0


def test_external_power_counts_with_the_external_strategy_only() -> None:
    inverter = Client()
    inverter.write("power_mng.battery_power_extern", 1877.5)
    assert (inverter.read("power_mng.soc_strategy"), inverter.device.twin.battery_setpoint) == (4, None)
    inverter.write("power_mng.soc_strategy", 2)
    assert inverter.device.twin.battery_power == pytest.approx(1877.5)
    inverter.write("power_mng.soc_strategy", 4)
    assert inverter.device.twin.battery_setpoint is None


def test_charging_from_the_grid_has_to_be_allowed() -> None:
    inverter = Client()
    inverter.write("power_mng.soc_strategy", 2)
    inverter.write("power_mng.battery_power_extern", -2000.0)
    assert inverter.device.twin.battery_power == 0
    inverter.write("power_mng.use_grid_power_enable", True)
    assert inverter.device.twin.battery_power == pytest.approx(-2000)


def test_charge_limits_are_fractions_and_nothing_is_checked() -> None:
    inverter = Client()
    inverter.write("power_mng.soc_min", 0.2)
    assert inverter.device.twin.soc_min == pytest.approx(20)
    inverter.write("power_mng.soc_max", 97.0)
    assert inverter.device.twin.soc_max == pytest.approx(9700)
    assert all(each.accepted for each in inverter.device.writes)


def test_the_last_command_stands_for_ever() -> None:
    inverter = Client()
    inverter.write("power_mng.battery_power_extern", 500.0)
    inverter.write("power_mng.soc_strategy", 2)
    inverter.wait(3600)
    assert inverter.device.twin.battery_power == pytest.approx(500)


def test_during_calibration_external_power_is_ignored() -> None:
    inverter = Client()
    inverter.write("power_mng.battery_power_extern", 500.0)
    inverter.write("power_mng.soc_strategy", 2)
    inverter.device.operator["calibrate"]()
    assert (inverter.read("battery.status2"), inverter.device.twin.battery_setpoint) == (8, None)
    inverter.device.operator["calibrated"]()
    assert inverter.device.twin.battery_power == pytest.approx(500)


def test_settings_are_lost_at_a_restart_unless_the_flash_was_written() -> None:
    inverter = Client()
    inverter.write("power_mng.soc_min", 0.2)
    inverter.device.face.reboot()
    assert inverter.read("power_mng.soc_min") == pytest.approx(0.07)
    inverter.write("power_mng.soc_min", 0.3)
    inverter.write("com_service", 5)
    inverter.write("com_service", 0)
    inverter.device.face.reboot()
    assert inverter.read("power_mng.soc_min") == pytest.approx(0.3)
    assert inverter.read("flash_param.write_cycles") == 144
    assert [each.wear for each in inverter.device.writes] == ["volatile", "volatile", "flash", "flash"]


def test_a_fault_shows_in_the_fault_words_and_ends_feeding_in() -> None:
    inverter = Client()
    inverter.set(battery_power=1000.0, power=1000.0)
    assert (inverter.read("prim_sm.state"), inverter.read("fault[0].flt")) == (13, 0)
    inverter.set(status="fault")
    assert (inverter.read("prim_sm.state"), inverter.read("fault[0].flt") > 0) == (0, True)


def test_writes_are_silent_unless_the_device_is_one_that_answers() -> None:
    assert Client().write("power_mng.soc_strategy", 2) == b""
    assert understood(Client(write_reply=True).write("power_mng.soc_strategy", 2))[0].command == Command.RESPONSE


def test_what_cannot_be_written_is_dropped_and_logged() -> None:
    inverter = Client()
    inverter.write("battery.soc", 0.5)
    inverter.raw(SendFrame(Command.WRITE, 0xF168B748, b"\0\0\0\2").data)
    assert [each.accepted for each in inverter.device.writes] == [False, False]
    assert inverter.read("power_mng.soc_strategy") == 4


def test_damaged_and_foreign_bytes_are_skipped() -> None:
    inverter = Client()
    good = SendFrame(Command.READ, 0x959930BF).data
    bad = good[:-1] + bytes((good[-1] ^ 1,))
    assert inverter.raw(bad) == b""
    assert len(understood(inverter.raw(b"\x2b\x3c\xe1" + b"\0" + good))) == 1
    assert inverter.raw(good[:4]) == b""
    assert len(understood(inverter.raw(good[4:]))) == 1


def test_a_plant_frame_is_answered_to_its_address() -> None:
    data = SendFrame(Command.PLANT_READ, 0x959930BF, address=0x2B2D0001, frame_type=FrameType.PLANT).data
    assert list(rct.Decoder().feed(data)) == [rct.Frame(rct.READ, 0x959930BF, b"", 0x2B2D0001)]
    ours = rct.encode(rct.Frame(rct.READ, 0x959930BF, b"", 7))
    (frame,) = understood(Client().raw(ours))
    assert (frame.command, frame.address, frame.id) == (Command.PLANT_RESPONSE, 7, 0x959930BF)


def test_a_second_client_hears_the_answers_to_the_first() -> None:
    first = Client()
    second = Client(other=first)
    first.read("battery.soc")
    frames = understood(second.raw(SendFrame(Command.READ, 0xDB2D69AE).data))
    assert [frame.id for frame in frames] == [0x959930BF, 0xDB2D69AE]


def test_what_is_not_known_is_no_number() -> None:
    inverter = Client()
    inverter.device.faults.on("not-available", quantity="soc")
    assert math.isnan(inverter.read("battery.soc"))
    inverter.device.faults.off("not-available")
    inverter.set(battery_power=1000.0)
    inverter.device.faults.on("sign-flip", quantity="battery_power")
    assert inverter.read("g_sync.p_acc_lp") == pytest.approx(-1000)


def test_line_faults_reach_the_stream() -> None:
    inverter = Client()
    request = SendFrame(Command.READ, 0x959930BF).data
    inverter.device.faults.on("duplicate-reply")
    assert len(understood(inverter.raw(request))) == 2
    inverter.device.faults.off("duplicate-reply")
    inverter.device.faults.on("split-reply")
    assert all(len(out.data) == 1 for out in inverter.connection.receive(request))
    inverter.device.faults.off("split-reply")
    inverter.device.faults.on("reset-mid-reply")
    assert inverter.connection.receive(request)[0].close
    inverter.device.faults.on("half-open")
    assert inverter.connection.receive(request) == []
    inverter.device.faults.on("connect-refused")
    with pytest.raises(NoConnection):
        inverter.installation.wire.connect()


@given(st.integers(0, 2**32 - 1), st.binary(max_size=40))
def test_whatever_has_to_be_escaped_is_understood_by_the_foreign_decoder(number: int, payload: bytes) -> None:
    data = rct.encode(rct.Frame(rct.RESPONSE, number, payload))
    (frame,) = understood(data)
    assert (frame.id, frame.data) == (number, payload)
    assert list(rct.Decoder().feed(b"\0" + data)) == [rct.Frame(rct.RESPONSE, number, payload)]


@given(st.binary(max_size=200))
def test_garbage_never_breaks_the_decoder(data: bytes) -> None:
    decoder = rct.Decoder()
    list(decoder.feed(data + b"\0"))  # an escape at its end swallows no start
    good = rct.Frame(rct.READ, 0x959930BF)
    assert list(decoder.feed(rct.encode(good)))[-1:] == [good]
