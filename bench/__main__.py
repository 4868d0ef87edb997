"""Runs all comparisons and prints one table: python -m bench [--quick]"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import campaign, growth, machine, roundtrip, saturation, service, start, stations, telegrams, tick, viewers
from bench import siteday as house
from bench.measure import ROUNDS, Figure, shown

LARGEST = "emulators/sungrow/sg.toml"  # of all families, by rows and protocols


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    rounds = 1 if quick else ROUNDS
    figures: list[Figure] = []
    parts: tuple[tuple[str, Callable[[], list[Figure]]], ...] = (
        ("the machine", lambda: machine.machine(rounds)),
        ("a day of a site", lambda: house.day(120.0 if quick else 86_400.0, rounds)),
        ("station servers", lambda: stations.servers(20 if quick else 300, rounds)),
        ("round trips", lambda: roundtrip.round_trip(500 if quick else 20_000, rounds)),
        ("growth", lambda: growth.growth(200 if quick else 2000, rounds)),
        ("SML telegrams", lambda: telegrams.decode(2 if quick else 100, rounds)),
        ("serial lines", lambda: saturation.lines(1.0 if quick else 10.0, rounds)),
        ("the production tick", lambda: tick.ticks(3.0 if quick else 10.0, 3.0 if quick else 12.0, 1 if quick else 5)),
        ("the service", lambda: service.service(10 if quick else 200, rounds)),
        ("viewers", lambda: viewers.viewers(3.0 if quick else 10.0, 3.0 if quick else 12.0, 1 if quick else 5)),
        ("a day of hem serve", lambda: asyncio.run(viewers.endured(0.01 if quick else 1.0))),
        ("start", lambda: start.emulators(rounds)),
        ("the campaign", lambda: campaign.campaign("campaign, row 112", "112") if quick else campaign.matrix(LARGEST)),
    )
    for title, run in parts:
        print(f"measuring {title} ...", file=sys.stderr, flush=True)
        figures += run()
    print(shown(figures))
    Path(__file__).with_name("results.json").write_text(
        json.dumps([asdict(each) for each in figures], indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
