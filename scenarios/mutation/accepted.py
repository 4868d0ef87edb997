"""Breaks of drivers that no story can notice, accepted one by one: driver, point, change, and why it does no harm.

Each is judged against all stories on every run; `hem mutate` fails when one of them is killed, when it turns out to
change nothing at all, or when there is no such break any more. No entry speaks of more than one break.
"""

from collections.abc import Mapping

Break = tuple[str, str, str]
# A device that keeps what it was told need not be told again. The repetition brings a command back after a restart
# that nobody saw; the controller notices that by the power as well, and gives it again.
KEEPS = "the device keeps it; a restart that nobody saw is noticed by the power, too"
ACCEPTED: Mapping[Break, str] = {
    ("GoodWe", "class", "refresh = None"): KEEPS,
    ("GoodWeEt", "class", "refresh = None"): KEEPS,
    ("InverterManager", "class", "refresh = None"): KEEPS,
    ("SmaCore2", "class", "refresh = None"): KEEPS,
    ("SmaHybrid", "class", "refresh = None"): KEEPS,
    ("SmaInverter", "class", "refresh = None"): KEEPS,
    ("SmaIsland", "class", "refresh = None"): KEEPS,
    ("SmaTripowerStorage", "class", "refresh = None"): KEEPS,
    ("SmaWindow", "class", "refresh = None"): KEEPS,
    ("SmartLogger", "class", "refresh = None"): KEEPS,
    ("SolplanetHybrid", "class", "refresh = None"): KEEPS,
    ("Sun2000", "class", "refresh = None"): KEEPS,
    ("SungrowSG", "class", "refresh = None"): KEEPS,
    ("KostalPlenticore", "battery_type", "address -1"): "the sun's power is told a second time, and it is right",
    ("KostalPlenticore", "battery_type", "address -2"): "the sun's power is told a second time, and it is right",
    ("KostalPlenticore", "battery_type", "u16 as u32"): "the sun's power is told a second time, and it is right",
    ("SaxHome", "SaxBlock.temperature_exponent", "address +2"): "in some states the temperature is absent, never wrong",
    ("SungrowSH", "battery_power", "function = 3"): "the older register beside it says the same up to 65 kW",
}
