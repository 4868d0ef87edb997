"""smllib reads the telegrams that an emulated meter pushes through a pty."""

import asyncio
from typing import Any

import pytest
from smllib import SmlStreamReader

from rigs.loopback import LoopbackRig


@pytest.mark.parametrize("row", [99, 102, 104])
def test_smllib_reads_the_emulated_meter(row):
    async def story() -> tuple[dict[str, Any], dict[str, Any]]:
        async with LoopbackRig(pace=0) as rig:
            line: Any = await rig.emulate(row, "sml")
            twin = rig.installations[0].main.twin
            for quantity, value in {"power": -4321.0, "import_energy": 12_345_600.0, "export_energy": 70_003.5}.items():
                twin.set(quantity, value)
            reader, found = SmlStreamReader(), None
            while found is None:
                reader.add(await line.receive(5.0))
                found = reader.get_frame()
            return {each.obis.obis_code: each.get_value() for each in found.get_obis()}, twin.truth()

    values, truth = asyncio.run(story())
    assert values["1-0:16.7.0*255"] == -4321
    assert values["1-0:1.8.0*255"] == pytest.approx(truth["import_energy"], abs=0.1)
    assert values["1-0:2.8.0*255"] == pytest.approx(truth["export_energy"], abs=2)
