"""HEM-BESS-1, the assumed storage profile, over raw Modbus: the SunSpec chain is walked, not known."""

import pytest

from emulators.family.profile import profile_for

NAMES = {
    55: "Redox-Flow-Batterie",
    56: "ENERTRONIC modular Storage",
    57: "TRANSOTRONIC modular Storage",
    58: "Hoppecke",
    59: "Industriespeicher 500 kW",
}


@pytest.fixture
def bess(modbus_bench):
    def on_bench(row=59, **how):
        bench = modbus_bench(row, **how)
        bench.chain = walk(bench)
        return bench

    return on_bench


def walk(bench):
    """Address of every model by its id."""
    assert bench.text(40000, 2) == "SunS"
    found, address = {}, 40002
    while (model := bench.u16(address)) != 0xFFFF:
        found[model] = address
        address += 2 + bench.u16(address + 1)
    return found


def set_power(bench, watts, enable=1):
    """WSetEna, WSetMod and WSet in one request."""
    bench.write(bench.chain[704] + 22, enable, 1, *bench.long(watts))


def beat(bench, count):
    bench.write(bench.chain[802] + 19, count, function=16)


@pytest.mark.parametrize("row", NAMES)
def test_bess_is_assumed_and_says_so(bess, row):
    profile = profile_for(row, "modbus-tcp")
    assert profile.evidence == "assumed"
    assert [each.name for each in profile.models_of(row)] == [NAMES[row]]
    assert bess(row).text(40020, 16) == NAMES[row]


def test_bess_chain_has_the_models_of_the_profile_and_ends(bess):
    assert list(bess().chain) == [1, 103, 120, 123, 802, 713, 704]
    assert list(bess(ac_model="701").chain) == [1, 701, 120, 123, 802, 713, 704]
    bench = bess()
    assert bench.refusal(bench.u16, bench.chain[704] + 2 + 65 + 2) == 2


def test_bess_of_half_a_megawatt_does_not_overflow_16_bits(bess):
    bench = bess(59)
    bench.set(battery_power=-470_000.0, soc=61.7)
    inverter, battery = bench.chain[103], bench.chain[802]
    assert bench.s16(inverter + 14) * 10 ** bench.s16(inverter + 15) == -470_000
    assert bench.s16(battery + 47) * 10 ** bench.s16(battery + 63) == -470_000
    assert bench.u16(battery + 11) == 617


def test_bess_nameplate_tells_its_rating(bess):
    bench = bess(59)
    plate = bench.chain[120]
    assert bench.u16(plate + 3) * 10 ** bench.s16(plate + 4) == 500_000
    assert bench.u16(plate + 2) == 82


def test_bess_obeys_watts_while_it_is_enabled_and_regulates_itself_otherwise(bess):
    bench = bess()
    set_power(bench, -70_001, enable=0)
    assert bench.truth()["battery_power"] == 0
    bench.write(bench.chain[704] + 22, 1)
    assert bench.truth()["battery_power"] == -70_001
    bench.write(bench.chain[704] + 22, 0)
    assert bench.device.twin.battery_setpoint is None


def test_bess_mode_0_means_percent(bess):
    bench = bess()
    set_power(bench, 100_000)
    bench.write(bench.chain[704] + 28, 2_550)  # 25.5 %
    assert bench.truth()["battery_power"] == 100_000
    bench.write(bench.chain[704] + 23, 0)
    assert bench.truth()["battery_power"] == 127_500


def test_bess_stands_by_without_a_heartbeat_and_waits_for_the_controller(bess):
    bench = bess()
    set_power(bench, 100_000)
    for count in range(4):
        bench.wait(5)
        beat(bench, count)
    assert bench.truth()["battery_power"] == 100_000
    assert 0 < bench.u32(bench.chain[704] + 33) <= 10
    bench.wait(11)
    assert bench.truth()["battery_power"] == 0
    assert bench.u16(bench.chain[704] + 22) == 0
    assert bench.u16(bench.chain[802] + 22) == 4  # standby
    assert bench.device.twin.battery_setpoint == 0
    beat(bench, 9)
    assert bench.device.twin.battery_setpoint is None


def test_bess_reverts_to_what_was_set_beforehand(bess):
    bench = bess()
    bench.write(bench.chain[704] + 26, *bench.long(-12_345))
    bench.write(bench.chain[704] + 30, 1, *bench.long(60))
    set_power(bench, 100_000)
    bench.wait(59)
    assert bench.truth()["battery_power"] == 100_000
    bench.wait(2)
    assert bench.truth()["battery_power"] == -12_345


def test_bess_heart_beats_by_itself(bess):
    bench = bess()
    before = bench.u16(bench.chain[802] + 18)
    bench.wait(7)
    assert (bench.u16(bench.chain[802] + 18) - before) % 0x8000 == 7


def test_bess_refuses_what_is_beyond_its_rating(bess):
    bench = bess(58)
    assert bench.refusal(set_power, bench, 10_001) == 3
    assert bench.refusal(bench.write, bench.chain[704] + 22, 2) == 3
    assert bench.refusal(bench.write, bench.chain[802] + 50, 3) == 3
    assert bench.refusal(bench.write, bench.chain[103] + 14, 5) == 2


def test_bess_taken_local_takes_commands_and_does_not_obey(bess):
    bench = bess()
    bench.device.operator["local"]()
    set_power(bench, 100_000)
    assert (bench.u16(bench.chain[802] + 17), bench.truth()["battery_power"]) == (1, 0)


def test_redox_flow_battery_ramps_and_loses_much(bess):
    bench = bess(55)
    set_power(bench, -30_000)
    bench.wait(1.5)
    assert -30_000 < bench.truth()["battery_power"] < 0
    bench.wait(3)
    assert bench.truth()["battery_power"] == -30_000
    assert bench.device.twin.charge_efficiency**2 == pytest.approx(0.72)


@pytest.mark.parametrize("row", [56, 57])
def test_ups_keeps_its_reserve_and_lets_nobody_change_it(bess, row):
    bench = bess(row)
    bench.set(soc=50.0)
    set_power(bench, 10_000)
    assert bench.truth()["battery_power"] == 0
    assert bench.refusal(bench.write, bench.chain[802] + 10, 300) == 3
    assert bench.u16(bench.chain[802] + 10) == 500


def test_lead_acid_battery_takes_less_towards_the_end_and_equalises(bess):
    bench = bess(58)
    bench.set(soc=90.0)
    bench.u16(40000)
    set_power(bench, -10_000)
    assert bench.truth()["battery_power"] == -5_000
    bench.device.operator["equalise"]()
    set_power(bench, 5_000)
    assert bench.truth()["battery_power"] == 0


def test_bess_trips_disconnects_and_resets(bess):
    bench = bess()
    set_power(bench, 100_000)
    bench.device.operator["trip"]()
    assert (bench.u16(bench.chain[802] + 22), bench.truth()["battery_power"]) == (99, 0)
    bench.write(bench.chain[802] + 20, 1)
    assert bench.truth()["battery_power"] == 100_000
    bench.write(bench.chain[802] + 50, 2)
    assert (bench.u16(bench.chain[802] + 22), bench.truth()["battery_power"]) == (1, 0)


def test_bess_has_forgotten_its_command_after_a_restart(bess):
    bench = bess()
    bench.write(bench.chain[802] + 10, 300)
    set_power(bench, 100_000)
    bench.device.face.reboot()
    assert bench.u16(bench.chain[704] + 22) == 0
    assert bench.device.twin.battery_setpoint is None
    assert bench.u16(bench.chain[802] + 10) == 300


def test_bess_controls_do_not_wear(bess):
    bench = bess()
    set_power(bench, 5_000)
    assert {write.wear for write in bench.device.writes} == {"volatile"}
