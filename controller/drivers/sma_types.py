"""SMA device types of the list: the code in register 30053, the row it belongs to and the name printed there.

Source: SBFspot/SBFspot:SBFspot/TagListEN-US.txt, which carries the maker's tag list; for the Sunny Tripower and the
storage devices also the lists of values in SMA's "Modbus parameters and measured values" documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    row: int
    name: str


def _types(row: int, names: Mapping[int, str]) -> dict[int, Type]:
    return {code: Type(row, name) for code, name in names.items()}


TYPES: Mapping[int, Type] = {
    **_types(1, {
        9344: "STP 4.0", 9345: "STP 5.0", 9346: "STP 6.0", 9347: "STP 8.0", 9348: "STP 10.0",
        9349: "STP 4.0", 9350: "STP 5.0", 9351: "STP 6.0", 9352: "STP 8.0", 9353: "STP 10.0",
        9098: "5000TL-20", 9099: "6000TL-20", 9100: "7000TL-20", 9101: "8000TL-10", 9103: "8000TL-20",
        9102: "9000TL-20", 9067: "10000TL-10", 9281: "10000TL-20", 9282: "11000TL-20", 9068: "12000TL-10",
        9283: "12000TL-20", 9069: "15000TL-10", 9336: "15000TL-30", 9070: "17000TL-10", 9284: "20000TL-30",
        9285: "25000TL-30",
    }),
    **_types(2, {
        9301: "SB 1.5", 9302: "SB 2.5", 9401: "SB 3.0-1AV-41", 9402: "SB 3.6-1AV-41", 9403: "SB 4.0-1AV-41",
        9404: "SB 5.0-1AV-41", 9405: "SB 6.0-1AV-41", 9225: "SB 5000SE-10", 9226: "SB 3600SE-10",
        9074: "SB 3000TL-21", 9165: "SB 3600TL-21", 9075: "SB 4000TL-21", 9076: "SB 5000TL-21",
    }),
    **_types(3, {9319: "SB 3.0-1AV-40", 9320: "SB 3.6-1AV-40", 9321: "SB 4.0-1AV-40", 9322: "SB 5.0-1AV-40"}),
    **_types(4, {9492: "STP 12-50", 9491: "STP 15-50", 9490: "STP 17-50", 9489: "STP 20-50", 9488: "STP 25-50"}),
    **_types(5, {9338: "STP50-40", 9431: "STP50-41"}),
    **_types(6, {19047: "STP110-60"}),
    **_types(38, {
        9278: "SI3.0M-11", 9279: "SI4.4M-11", 9223: "SI6.0H-11", 9224: "SI8.0H-11",
        9332: "SI4.4M-12", 9333: "SI6.0H-12", 9334: "SI8.0H-12",
    }),
    **_types(39, {9326: "SBS 2.5", 9356: "SBS 3.7", 9358: "SBS 5.0", 9359: "SBS 6.0"}),
    **_types(41, {19036: "STPS30", 19035: "STPS50"}),
    **_types(42, {19048: "STP5.0SE", 19049: "STP6.0SE", 19050: "STP8.0SE", 19051: "STP10.0SE"}),
}  # fmt: skip
