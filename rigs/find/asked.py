"""`hem find`: looks for devices from a command line, says who they are, and writes a site file of them."""

import asyncio
import sys
from collections.abc import Sequence

from controller.compatibility.levels import Level
from controller.compatibility.rows import row
from rigs.find.found import Found
from rigs.find.search import Search, Tell
from rigs.find.where import places
from rigs.find.write import names, write


def find(where: Sequence[str], network: bool, firmware: str, seconds: float, out: str) -> bool:
    """Whether anybody was found. `out`: a site file that those are written to whom nothing speaks against.

    ConfigurationError for a place or a level that is none, and when what was found cannot stand together.
    """
    Level.parse(firmware)
    found: list[Found] = []

    def tell(each: Found) -> None:
        found.append(each)
        print(said(each), flush=True)

    asyncio.run(_search(tell, firmware, where, seconds, network))
    chosen = [each for each in found if not each.objection]
    if out and chosen:
        entries = [each.entry(name) for each, name in zip(chosen, names(chosen), strict=True)]
        for missing in write(out, entries, firmware)["missing"]:
            print(f"missing: {missing}")
        print(f"{out}: {len(chosen)} of {len(found)} devices written; hem check {out} shows what they come to")
    return bool(found)


async def _search(tell: Tell, firmware: str, where: Sequence[str], seconds: float, network: bool) -> None:
    search = Search(tell, lambda words: print(words, file=sys.stderr, flush=True), firmware)
    await search.run(places(where), seconds, network)


def said(found: Found) -> str:
    """One line: where, which row, who, and what speaks against it."""
    who, numbers = found.identity, ", ".join(map(str, (found.row, *found.also)))
    serial = f", serial number {who.serial}" if who.serial else ""
    line = f"{found.where}: row {numbers}, {who.manufacturer} {who.model}{serial}"
    remark = row(found.row).remark
    return line + (f"; {found.objection}" if found.objection else f"; {remark}" if remark else "")
