"""Every charging station of the list stands with its printed models, charge points, kinds of current and ratings."""

import re

import pytest

from controller.compatibility.rows import row, rows
from emulators.family.build import build
from twin.dc_charger import DcChargingPoint

STATIONS = [each.row for each in rows() if each.section == "charging-station"]


@pytest.mark.parametrize("number", STATIONS)
def test_a_station_has_its_printed_models_and_points(number: int) -> None:
    listed = row(number)
    assert listed.charging is not None
    wanted = int(listed.charging.charge_points.partition("-")[0])
    for protocol in listed.protocols:
        for variant in listed.variants:
            station = build(number, protocol, clock=lambda: 1.75e9, model=variant.name)
            assert len(station.devices) == wanted, variant.name
            assert len({device.id for device in station.devices}) == wanted
            assert all(device.twin.quantities == station.main.twin.quantities for device in station.devices)


@pytest.mark.parametrize("number", STATIONS)
def test_a_station_has_ac_and_dc_points_as_printed_and_their_power(number: int) -> None:
    listed = row(number)
    assert listed.charging is not None
    options = {"points": 3} if number == 74 else {}
    station = build(number, listed.protocols[0], clock=lambda: 1.75e9, **options)
    dc = [device for device in station.devices if isinstance(device.twin, DcChargingPoint)]
    assert bool(dc) == (listed.charging.dc == "✓")
    largest = max(float(text.replace(",", ".")) for text in re.findall(r"[\d,.]+(?= kW)", listed.charging.max_power))
    if number != 74:  # 30 to 480 kW, an option
        powers = [device.twin.max_current * 230 * device.twin.phases / 1000 for device in station.devices]
        assert max(powers) == pytest.approx(largest, rel=0.03)
