"""Sungrow's device type codes, by row of the list: what input register 5000 (wire 4999) says a device is.

Source: Communication Protocol of Residential and Commercial PV Grid-Connected Inverters V1.1.80 and V1.1.53, appendix
of models; Communication Protocol of Residential and Small Industrial Hybrid Inverter V1.1.16, appendix 1. V1.1.53 gives
SG100CX the code that V1.1.80 gives SG100CX-JP; both stand here. A code may belong to several models.
"""

from collections.abc import Iterable, Mapping

from controller.errors import WrongDevice

CODES: Mapping[int, Mapping[int, tuple[str, ...]]] = {
    21: {
        0x0026: ("SG10KTL",), 0x0029: ("SG12KTL",), 0x0028: ("SG15KTL",), 0x002A: ("SG20KTL",), 0x0027: ("SG30KTL",),
        0x002D: ("SG36KTL",), 0x002F: ("SG40KTL",), 0x010F: ("SG60KTL",), 0x0138: ("SG80KTL",),
    },
    22: {
        0x002C: ("SG30KU",), 0x002E: ("SG36KU",), 0x0136: ("SG60KU",),
    },
    23: {
        0x0147: ("SG5KTL-MT",), 0x0148: ("SG6KTL-MT",), 0x013F: ("SG8KTL-M",), 0x013E: ("SG10KTL-M",),
        0x2C0F: ("SG10KTL-MT",), 0x013C: ("SG12KTL-M",), 0x0142: ("SG15KTL-M",), 0x0149: ("SG17KTL-M",),
        0x0143: ("SG20KTL-M",), 0x0141: ("SG30KTL-M",), 0x0070: ("SG30KTL-M-V31",), 0x0134: ("SG33KTL-M",),
        0x0074: ("SG36KTL-M",), 0x0135: ("SG40KTL-M",), 0x011B: ("SG50KTL-M", "SG50KTL-M-20",),
        0x0131: ("SG60KTL-M",), 0x0139: ("SG80KTL-M",), 0x0138: ("SG80KTL-20",),
    },
    24: {
        0x0073: ("LP_P34KSG",),
    },
    25: {
        0x013D: ("SG33K3J",), 0x0137: ("SG49K5J",), 0x0072: ("SG34KJ",),
    },
    26: {
        0x0132: ("SG60KU-M",),
    },
    27: {
        0x014C: ("SG111HV",), 0x013B: ("SG125HV",), 0x2C03: ("SG125HV-20",), 0x2C1C: ("SG125HX",),
        0x2C25: ("SG125HX-JP",), 0x2C43: ("SG285HX",), 0x2C46: ("SG333HX",), 0x2C4F: ("SG350HX-US",),
        0x2C26: ("SG320HX",), 0x2C27: ("SG350HX",), 0x2C3F: ("SG75CX-P2",), 0x2C40: ("SG110CX-P2",),
        0x2C2D: ("SG125CX-P2",),
    },
    28: {
        0x2C15: ("SG25CX-SA",), 0x2C10: ("SG30CX",), 0x2C00: ("SG33CX",), 0x2C0A: ("SG36CX-US",),
        0x2C01: ("SG40CX",), 0x2C02: ("SG50CX",), 0x2C0B: ("SG60CX-US",), 0x2C22: ("SG75CX",), 0x2C05: ("SG100CX",),
        0x2C12: ("SG100CX-JP", "SG100CX",), 0x2C06: ("SG110CX",), 0x2C21: ("SG49.5CX-JP",), 0x2C33: ("SG25CX-P2",),
        0x2C34: ("SG30CX-P2",), 0x2C35: ("SG33CX-P2",), 0x2C36: ("SG36CX-P2",), 0x2C37: ("SG40CX-P2",),
        0x2C32: ("SG50CX-P2",), 0x2C53: ("SG15CX-P2-LV",), 0x2C54: ("SG20CX-P2-LV",), 0x2C55: ("SG25CX-P2-LV",),
    },
    29: {
        0x2C0C: ("SG250HX",), 0x2C11: ("SG250HX-US",), 0x2C13: ("SG250HX-IN",),
    },
    30: {
        0x243D: ("SG3.0RT",), 0x243E: ("SG4.0RT",), 0x2430: ("SG5.0RT",), 0x2431: ("SG6.0RT",), 0x243C: ("SG7.0RT",),
        0x2432: ("SG8.0RT",), 0x2433: ("SG10RT",), 0x2434: ("SG12RT",), 0x2435: ("SG15RT",), 0x2436: ("SG17RT",),
        0x2437: ("SG20RT",), 0x2438: ("SG22RT",), 0x243B: ("SG23RT",), 0x2439: ("SG25RT",), 0x244D: ("SG3.0RT-P2",),
        0x244E: ("SG4.0RT-P2",), 0x2440: ("SG5.0RT-P2",), 0x2441: ("SG6.0RT-P2",), 0x244C: ("SG7.0RT-P2",),
        0x2442: ("SG8.0RT-P2",), 0x2443: ("SG10RT-P2",), 0x2444: ("SG12RT-P2",), 0x2445: ("SG15RT-P2",),
        0x2446: ("SG17RT-P2",), 0x2447: ("SG20RT-P2",), 0x244B: ("SG23RT-P2",), 0x2449: ("SG25RT-P2",),
    },
    31: {
        0x260D: ("SG5.5RS-JP",), 0x2600: ("SG2.0RS-S",), 0x2601: ("SG2.5RS-S",), 0x2602: ("SG3.0RS-S",),
        0x2603: ("SG3.0RS",), 0x2604: ("SG3.6RS",), 0x2605: ("SG4.0RS",), 0x2606: ("SG5.0RS",), 0x2607: ("SG6.0RS",),
        0x2608: ("SG8.0RS",), 0x260E: ("SG9.0RS",), 0x2609: ("SG10RS",), 0x260F: ("SG5.0RS-ADA",),
        0x2612: ("SG3.0RS-L",), 0x2613: ("SG4.0RS-L",), 0x2614: ("SG5.0RS-L",), 0x2615: ("SG6.0RS-L",),
        0x2611: ("SG8.0RS-L",), 0x2616: ("SG9.0RS-L",), 0x2617: ("SG10RS-L",),
    },
    52: {
        0x0D17: ("SH3.0RS",), 0x0D0D: ("SH3.6RS",), 0x0D18: ("SH4.0RS",), 0x0D0F: ("SH5.0RS",), 0x0D10: ("SH6.0RS",),
    },
    53: {
        0x0E00: ("SH5.0RT",), 0x0E01: ("SH6.0RT",), 0x0E02: ("SH8.0RT",), 0x0E03: ("SH10RT",), 0x0E10: ("SH5.0RT",),
        0x0E11: ("SH6.0RT",), 0x0E12: ("SH8.0RT",), 0x0E13: ("SH10RT",), 0x0E0C: ("SH5.0RT",), 0x0E0D: ("SH6.0RT",),
        0x0E0E: ("SH8.0RT",), 0x0E0F: ("SH10RT",), 0x0E08: ("SH5.0RT",), 0x0E09: ("SH6.0RT",), 0x0E0A: ("SH8.0RT",),
        0x0E0B: ("SH10RT",),
    },
    54: {
        0x0D1A: ("SH8.0RS",), 0x0D1B: ("SH10RS",), 0x0E20: ("SH5T-V11",), 0x0E21: ("SH6T-V11",),
        0x0E22: ("SH8T-V11",), 0x0E23: ("SH10T-V11",), 0x0E24: ("SH12T-V11",), 0x0E25: ("SH15T-V11",),
        0x0E26: ("SH20T-V11",), 0x0E28: ("SH25T-V11",),
    },
}  # fmt: skip

# Printed in the list, but no edition of the document gives their code: the installer's word has to do.
WITHOUT_CODE: Mapping[int, tuple[str, ...]] = {27: ("SG200HX-US", "SG320HX-20", "SG350HX-20")}


def models(row: int, code: int) -> tuple[str, ...]:
    """The models of a row that carry this code, of any row when `row` is 0."""
    rows = CODES.values() if row == 0 else (CODES[row],)
    return tuple(name for codes in rows for name in codes.get(code, ()))


def model_of(row: int, code: int, installed: str | None) -> str | None:
    """The model that `code` stands for, preferring the one the installer named; None when it is not of the row."""
    found = models(row, code)
    if installed in found:
        return installed
    if found:
        return found[0]
    unknown = not models(0, code)
    return installed if unknown and installed in WITHOUT_CODE.get(row, ()) else None


def listed(code: float | None) -> bool:
    """Whether some model of the list has this type code."""
    return code is not None and bool(models(0, int(code)))


def recognised(
    code: float | None, row: int, family: Iterable[int], installed: str | None, proof: str
) -> tuple[str, tuple[str, ...]]:
    """The model with this type code, of `row` or, when that is 0, of the family's rows, and what is new about it.

    A code that no edition gives to any device is taken when something else proves the family; `proof` says what, empty
    when nothing does. Otherwise WrongDevice.
    """
    rows, told = (row,) if row else tuple(family), -1 if code is None else int(code)
    name = next((name for name in (model_of(each, told, installed) for each in rows) if name), None)
    known = bool(models(0, told))
    if name is None and (known or told < 1 or not proof):
        expected = [model for each in rows for models in CODES[each].values() for model in models]
        found = f"type code 0x{told:04X}" if told >= 0 else "no type code"
        raise WrongDevice(found, [*expected, *WITHOUT_CODE.get(row, ())])
    if told < 0:  # a model whose code no edition gives, by the installer's word
        return str(name), (f"tells no type code, taken for the {name}" + (f"; {proof}" if proof else ""),)
    notes = () if known else (f"type code 0x{told:04X} is new" + (f"; {proof}" if proof else ""),)
    return name or f"type code 0x{told:04X}", notes
