"""Story of a stranger: every row of a family file is read, and written where it can be, in the maker's own words.

The words (address, type, scale, order, access) are those of the healthy family file, decoded by `bench.decoding`. What
they have to say is what is true of the device, or the constant of the file. No driver takes part: other people's
controllers read these registers too.

A device shows only a part of its family's tables as it is delivered, so it stands there in as many ways as it takes.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from controller.errors import DeviceError, Refused
from emulators.family.profile import profile_for
from scenarios.bench.apart import tell
from scenarios.bench.asking import REFUSED, asked, exponent, given, held
from scenarios.bench.bench import Bench
from scenarios.bench.commands import ready
from scenarios.bench.decoding import span
from scenarios.bench.expected import SINGLE, between, expected, fits
from scenarios.bench.story import Story, answering
from scenarios.bench.ways import ways
from scenarios.bench.words import BITS, Word, cells
from scenarios.stories.reading import fit_meter
from scenarios.stories.silence import STARTS

NOT_THERE = (2, 3)  # exceptions of a table that has no such row to write; any other one is of the device's own


async def generic(bench: Bench) -> None:
    """All words of the family, on a device of its own for each way in which it stands there."""
    family = profile_for(bench.row.row, bench.protocol)
    assert family is not None
    every = ways(family.file, bench.protocol)
    for way in every:
        other = way.bench(bench.protocol, None if bench.profile is family else bench.profile)
        await tell(bench, other, partial(strange, words=way.words), way.name)
    bench.record.figures["ways"] = float(len(every))
    bench.record.figures["words"] = float(len({word.origin for way in every for word in way.words}))


async def strange(bench: Bench, words: Sequence[Word], among: Sequence[Word] = ()) -> None:
    """Read these words under two truths, then write those that can be. `among`: all that the device says."""
    readable = [word for word in words if word.allows("r") and word.space != "written"]
    among = among or words
    await enter(bench, among)
    for turn in (0, 1):
        bench.set_telling(turn)
        fit_meter(bench, turn)
        await bench.sleep(1.1)
        count = 0
        for word in readable:
            if turn == 0 or moving(word):
                await compared(bench, word, turn, among)
                count += 1
        bench.record.check(
            f"{count} words of turn {turn + 1} were read", count > 0 or turn > 0 or not readable, "", count
        )
    await written(bench, words, among)


async def enter(bench: Bench, among: Sequence[Word]) -> None:
    """Some settings are only shown, or taken, when a person has unlocked them or a client has logged in."""
    ready(bench)
    for address, raw in bench.profile.data.get("login", ()):
        for word in among:
            if word.address == address and word.allows("w"):
                await bench.attempt(partial(given, bench, word, raw))


def moving(word: Word) -> bool:
    """Whether it says something that may change."""
    return bool(word.quantity) and not word.quantity.startswith(("=", "model."))


def label(word: Word) -> str:
    return f"unit {word.unit} {word.space} {word.address} {word.name}"


async def compared(bench: Bench, word: Word, turn: int, among: Sequence[Word]) -> None:
    """What a word says, asked for alone or with its neighbours, against what is true before and after."""
    before = None
    for _ in range(2 if moving(word) or word.quantity.startswith("model.") else 0):
        before = held(bench, word)  # what remembers the highest value notices it only when somebody looks
    try:
        try:
            raw = await asked(bench, word)
        except Refused:
            raw = await asked(bench, word, run_of(word, among))
        ten = await exponent(bench, word)
    except DeviceError as error:
        if before is not REFUSED or not isinstance(error, Refused):
            bench.record.check(label(word), False, word.quantity, error)
        return
    after = held(bench, word) if moving(word) else before
    if word.space == "entries":
        raw = unpacked(bench, word, raw)
    if not any(fits(word, raw, value, ten) for value in (before, after)) and not between(word, raw, before, after, ten):
        bench.record.check(f"{label(word)} in turn {turn + 1}", False, expected(word, after), f"{raw} e{ten}")


def run_of(word: Word, among: Sequence[Word]) -> tuple[int, int]:
    """First register and number of those that stand without a gap around a word."""
    taken = {at for each in among if (each.unit, each.space) == (word.unit, word.space) for at in cells(each)}
    first, last = int(word.address), cells(word)[-1]
    while first - 1 in taken:
        first -= 1
    while last + 1 in taken:
        last += 1
    return first, last + 1 - first


def unpacked(bench: Bench, word: Word, entry: Any) -> Any:
    """The value of an SML entry, when its unit and scaler are those of the table."""
    _, _, _, unit, scaler, value, *_ = entry
    told = unit if isinstance(unit, int) else 0
    exact = 10.0**scaler if isinstance(scaler, int) else 1.0
    return value if told == word.factor and exact == (word.scale if told else 1.0) else f"unit {unit}, scaler {scaler}"


# writing


async def written(bench: Bench, words: Sequence[Word], among: Sequence[Word]) -> None:
    """Give every word that can be written another value: it arrives as the table has it, and shows, or is refused."""
    spaces = {word.space for word in among}
    await enter(bench, among)
    for word in words:
        elsewhere = word.space == "input" or (word.space == "holding" and "written" in spaces)
        if word.allows("w") and not word.text and not elsewhere:
            await put(bench, word)


async def put(bench: Bench, word: Word) -> None:
    """The first value that the device takes; all that it refuses have to come through as they were meant."""
    now = await stands(bench, word)
    for raw in candidates(bench, word, now):
        begin = len(bench.writes())
        before = picture(bench)
        answer = await bench.attempt(partial(given, bench, word, raw))
        if isinstance(answer, DeviceError) and not isinstance(answer, Refused):  # what was written before restarts it
            await bench.sleep(STARTS)
            ready(bench)
            answer = await bench.attempt(partial(given, bench, word, raw))
        logged = [each for each in bench.writes(begin) if goes(word, each.target)]
        if isinstance(answer, Refused) and answer.code not in NOT_THERE and not (logged and logged[-1].accepted):
            return  # the document's refusal: no such function, or not in this state
        if not logged:
            bench.record.check(f"{label(word)} is written", False, f"{raw} arrives", answer)
            return
        meant = raw * word.scale * 10.0 ** await exponent(bench, word)
        value = logged[-1].value
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value - meant) > SINGLE * abs(meant):
            bench.record.check(f"{label(word)} arrives", False, meant, value if value is not None else logged[-1])
            return
        if logged[-1].accepted:
            await shown(bench, word, raw, before)
            return


def goes(word: Word, target: int | str) -> bool:
    """Whether a logged write went to this word."""
    return target == word.address if isinstance(target, int) else target.startswith(f"{word.address:08X}")


async def stands(bench: Bench, word: Word) -> Any:
    """The raw number that stands in a word now, None where it cannot be read."""
    if not word.allows("r") or word.space == "written":
        return None
    found = await bench.attempt(partial(asked, bench, word))
    return found if isinstance(found, int | float) else None


def candidates(bench: Bench, word: Word, now: Any) -> Iterator[float]:
    """Raw values to try, telling ones first."""
    low, high = span(word)
    tried: set[float] = set() if now is None else {now}
    if word.space in BITS:
        yield 0 if now else 1
        return
    near_now = () if now is None else (now + 1, now - 1, now + 2)
    for raw in (37, *near_now, 1, 0, 2, 3, 5, 11, 100, 803, 1000, 0.37 * bench.rating / abs(word.scale)):
        raw = raw if word.type.startswith("F") else round(raw)
        if low <= raw <= high and raw not in tried:
            tried.add(raw)
            yield raw


def picture(bench: Bench) -> dict[str, Any]:
    """All that is true of the device."""
    bench.device.wake()
    owners = [bench.device.face, *getattr(bench.device.face, "parts", ())]
    return {f"{n} {name}": value for n, each in enumerate(owners) for name, value in vars(each).items()} | {
        f"twin {name}": value for name, value in vars(bench.twin).items()
    }


async def shown(bench: Bench, word: Word, raw: float, before: dict[str, Any]) -> None:
    """A value that was taken stands in its register, or has changed something."""
    found = await stands(bench, word)
    if found is not None and found == raw:
        return
    if picture(bench) != before:
        return
    bench.record.check(f"{label(word)} shows", False, raw, found)


def with_tables(protocol: str) -> bool:
    return "modbus" in protocol or protocol in ("tcp", "sml")


def first_of_family(row: int, protocol: str) -> bool:
    """A family is told once on each of its protocols."""
    family = profile_for(row, protocol)
    return family is not None and row == next(each for each, known in family.serves.items() if protocol in known)


STORIES = (
    Story("generic", "Does every register say what its table says?",
          "Other controllers read what no driver here asks for.",
          "the family file's words, decoded apart; the twin's truth and the file's constants", generic,
          kinds=answering, wires=with_tables, places=first_of_family),
)  # fmt: skip
