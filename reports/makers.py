"""Who makes what a row prints: the published list shows logos, a report needs names. Absent where nobody knows."""

from collections.abc import Iterator
from functools import cache

# Read off the model names; rows whose maker is not certain (99-105, 126, 130, ...) are left out.
ROWS = {
    "ABL": "90",
    "Advanced Energy": "34-37",
    "alpitronic": "85-89",
    "Amperfied": "76",
    "aWATTar": "147",
    "BENNING": "56-57,74",
    "Carlo Gavazzi": "106-108",
    "Compleo": "80-81",
    "echarge Hardy Barth": "83-84,127",
    "Eastron": "111-114",
    "EMU Electronic": "128",
    "FoxESS": "60",
    "Fronius": "16-20",
    "GoodWe": "49-50",
    "Heidelberg": "75",
    "hesotec": "91-92",
    "HOPPECKE": "58",
    "Huawei": "32-33",
    "Janitza": "109-110",
    "Kamstrup": "131",
    "KEBA": "65-67",
    "KOSTAL": "11-15",
    "Maschinenfabrik Reinhausen": "51",
    "MENNEKES": "70-73",
    "my-PV": "136-138",
    "NZR": "122",
    "Phoenix Contact": "123-124",
    "PQ Plus": "125",
    "PRACHT": "82",
    "RCT Power": "47-48",
    "SAX Power": "61-62",
    "Schneider Electric": "121",
    "Siemens": "116-119",
    "SMA": "1-6,38-42,120",
    "Socomec": "129",
    "SolarEdge": "7-10",
    "SolaX": "64,96-98",
    "SOLIDpower": "139",
    "Solplanet": "63",
    "Sontex": "133",
    "Sungrow": "21-31,52-54",
    "Tibber": "145-146",
    "TQ-Systems": "115",
    "Victron Energy": "43-46",
    "VIVAVIS": "134",
    "wallbe": "68-69",
    "WALTHER-WERKE": "77-79",
    "WDV Molliné": "132",
    "2G Energy": "141",
}


@cache
def by_row() -> dict[int, str]:
    """Row number -> maker."""
    return {number: maker for maker, text in ROWS.items() for number in _numbers(text)}


def maker(row: int, printed: str) -> str:
    """The maker of a row, by default what is printed."""
    return by_row().get(row, printed)


def _numbers(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
