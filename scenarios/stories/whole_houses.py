"""The stories of whole houses: each is told once, of the row in the middle of what it asks."""

from collections.abc import Awaitable, Callable
from functools import partial

from scenarios.bench.bench import Bench
from scenarios.bench.story import Story
from scenarios.stories import estate_again, estate_loads, estate_rules, estate_trouble

INVERTER, BATTERY, STATION, METER, RECEIVER, TARIFF = 1, 53, 65, 112, 143, 147
WIRES = {RECEIVER: "contacts", TARIFF: "http", METER: "modbus-rtu"}


def _story(name: str, row: int, asks: str, why: str, oracle: str, tell: Callable[[Bench], Awaitable[None]]) -> Story:
    wire = WIRES.get(row, "modbus-tcp")
    return Story(
        f"estate/{name}", asks, why, oracle, tell, rows=frozenset({row}), wires=lambda protocol: protocol == wire
    )


AGAIN = "all others in time, all again within 45 s, all free within 135 s"
FAULTS = "while one of the 28 faults of it comes and goes"
OBEY = "Devices fail just when they are needed."

STORIES = (
    _story("ripple-steps", RECEIVER, "Does the house follow every step, and feed no less than it may?",
           "Each percent too little is money.", "feed-in of each generator each second", estate_rules.steps),
    _story("fnn", RECEIVER, "Does the farm follow W3, S2, S1 and W4?", "One box limits feed-in and dims loads.",
           "generators, and what loads take of the grid, each second", estate_rules.fnn),
    _story("energy-guard", INVERTER, "Are LPC and LPP followed, expired and replaced by the fail-safe?",
           "The control box will come to every house.", "power at the grid connection each second", estate_rules.guard),
    _story("sixty-percent", INVERTER, "Does no quarter-hour feed more than 60 % under moving clouds?",
           "It is settled as a mean, and clouds know no quarter-hours.", "the energy account", estate_rules.sixty),
    _story("zero-export", BATTERY, "Is nothing fed, and the house still supplied by its roof?",
           "Contracts without feed-in.", "power at the grid connection each second", estate_rules.nothing_out),
    _story("negative-price", TARIFF, "Is nothing fed while the price is negative, and nothing bought for it?",
           "Section 51 EEG pays nothing then.", "power at the grid connection each second", estate_rules.negative),
    _story("unbalance", STATION, "Do a car and the sun on different phases keep within 4.6 kVA?",
           "VDE-AR-N 4100.", "the difference between the phases each second", estate_rules.unbalance),
    _story("fuses", STATION, "Do four fast cars respect the carport's fuse and the main one, and use them?",
           "A fuse in between is not at the grid meter.", "the strongest phase each second", estate_loads.fuses),
    _story("batteries", BATTERY, "Do two batteries share one error?", "One feeding the other heats the cellar.",
           "the grid comes to zero, their powers have one sign", estate_loads.batteries),
    _story("cars", STATION, "Does the sun go to cars by priority, and on to the next?",
           "Four cars never leave at once.", "the cars' powers, no import", estate_loads.cars),
    _story("fast-path", RECEIVER, "Is a contact's edge on every generator's wire in a second?",
           "A cycle of many devices must not add up.", "the devices' write logs", estate_loads.fast_path),
    _story("any-house", RECEIVER, "Do houses drawn from the list follow every signal?",
           "Nobody's house is the reference house.", "generators and fuse each second", estate_loads.any_house),
    _story("faults-of-the-grid-meter", METER, f"Is a signal followed {FAULTS}?", OBEY,
           AGAIN, partial(estate_trouble.faults, place="grid")),
    _story("faults-of-an-inverter", INVERTER, f"Is a signal followed {FAULTS}?", OBEY,
           AGAIN, partial(estate_trouble.faults, place="roof")),
    _story("faults-of-a-station", STATION, f"Is a signal followed {FAULTS}?", OBEY,
           AGAIN, partial(estate_trouble.faults, place="wallbox")),
    _story("broken-contacts", RECEIVER, "Is a signal followed while each contact breaks?",
           "A broken wire must not feed in.", "held for a minute, then the strictest", estate_trouble.receiver),
    _story("killed", RECEIVER, "Does a new controller put right what a killed one left?",
           "Power fails, processes are killed, updates come.",
           "what is asked stands 12 s after the start, what is not is gone within 100 s", estate_again.killed),
    _story("clock-steps", RECEIVER, "Does a wall clock that is set change no duration?",
           "NTP steps after every power cut.", "what stands before and after each declared time", estate_again.clocks),
)  # fmt: skip
