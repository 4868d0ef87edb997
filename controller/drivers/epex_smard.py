"""Day-ahead prices by SMARD, the Bundesnetzagentur's pages: an index of weeks, and a file for each.

Source: mampfes/ha_epex_spot:custom_components/epex_spot/EPEXSpot/SMARD; bundesAPI/smard-api issues 11 and 23. A week's
file begins on Monday at midnight; prices of Monday may stand in the new one while the rest of Sunday is in the old one,
so the last two are read. Slots of the hour are asked for where there are none of the quarter-hour.
"""

from controller.drivers.shared.asking import accepted
from controller.drivers.shared.keys import json_object
from controller.drivers.shared.slots import Slot
from controller.errors import Garbled
from controller.ports import Http

SERIES, ZONE = 4169, "DE-LU"  # the wholesale price of Germany and Luxembourg
RESOLUTIONS = (("quarterhour", 900.0), ("hour", 3600.0))
FILES = 2


class Smard:
    """Milliseconds since 1970 and EUR/MWh, null for what is not known yet."""

    async def slots(self, line: Http, start: float, end: float) -> list[Slot]:
        """Of the finest series that has anything of this time."""
        for resolution, length in RESOLUTIONS:
            found = [
                each
                for week in await self._weeks(line, resolution)
                for each in await self._week(line, resolution, length, week)
                if start <= each[0] < end
            ]
            if any(price is not None for _, _, price in found):
                return found
        return []

    async def _weeks(self, line: Http, resolution: str) -> list[int]:
        answer = await line.request("GET", f"/app/chart_data/{SERIES}/{ZONE}/index_{resolution}.json")
        if answer.status == 404:
            return []
        body = accepted(answer)
        weeks = json_object(body).get("timestamps")
        if not isinstance(weeks, list) or not all(isinstance(each, int | float) for each in weeks):
            raise Garbled("no list of weeks in 'timestamps'", raw=body)
        return sorted(int(each) for each in weeks)[-FILES:]

    async def _week(self, line: Http, resolution: str, length: float, week: int) -> list[Slot]:
        path = f"/app/chart_data/{SERIES}/{ZONE}/{SERIES}_{ZONE}_{resolution}_{week}.json"
        body = accepted(await line.request("GET", path))
        series = json_object(body).get("series")
        if not isinstance(series, list):
            raise Garbled("no list in 'series'", raw=body)
        found: list[Slot] = []
        for each in series:
            match each:
                case [int() | float() as at, None]:
                    found.append((at / 1000, at / 1000 + length, None))
                case [int() | float() as at, int() | float() as price] if not isinstance(price, bool):
                    found.append((at / 1000, at / 1000 + length, price / 10))
                case _:
                    raise Garbled(f"a slot {each!r}", raw=body)
        return found
