"""The guard of one place: every request to a real device passes it as bytes, or does not pass.

It sits in the line itself, below driver, story and restorer; all of them write through it and nobody can switch it off.
A write passes when the device has said who it is since the line was opened, what it changes stands in the journal, and
the envelope allows both the value and what it makes the device do. What the device itself held when the bench came may
always be written back. After a violation nothing else is written any more.
"""

from collections.abc import Iterator, Mapping

from emulators.table.answers import Refusal
from emulators.table.rows import Row
from rigs.bench.benchfile import EnvelopeSettings, PlaceSettings
from rigs.bench.envelope import Clock, Envelope, EnvelopeViolation, Unidentified
from rigs.bench.journal import Entry
from rigs.bench.keeper import Keeper
from rigs.bench.meaning import meaning
from rigs.bench.rehearsal import Rehearsal
from rigs.bench.requests import WRITES, Asked, NotARequest, over_serial, over_tcp


class Guard:
    """What may pass to one real device. `violations`: what did not."""

    def __init__(self, place: PlaceSettings, clock: Clock) -> None:
        self.place, self.clock = place, clock
        self.envelope = Envelope(place.envelope or EnvelopeSettings(), clock)
        self.rehearsal = Rehearsal(place)
        self.identified = False
        self.violations: list[EnvelopeViolation] = []
        self.passed = 0  # writes
        self._registers: dict[tuple[int, bool, int], bytes] = {}  # unit, coil, address -> what it held
        self._commands: dict[str, set[bytes]] = {}  # first word -> what gives back what was

    # what is known of the device

    def opened(self) -> None:
        """The line was opened: whoever is at its other end has not said who it is."""
        self.identified = False

    def journalled(self, entry: Entry) -> None:
        """What this entry says stands in the journal now: the device may be given it back."""
        if entry.asks or entry.puts:
            puts = entry.puts.encode("latin-1")
            self._commands.setdefault(entry.name, set()).add(puts)
            self.rehearsal.tried(puts)
            return
        size = 1 if entry.coils else 2
        held = entry.held
        for number in range(entry.count):
            word = held[size * number : size * number + size]
            self._registers.setdefault((entry.unit, entry.coils, entry.address + number), word)
        if entry.before:
            wide = b"".join(b"\0" + held[i : i + 1] for i in range(len(held))) if entry.coils else held
            self.rehearsal.held(entry.unit, entry.address, wide, coils=entry.coils)
            for row, value in self._settings(entry.unit, entry.address, wide, coils=entry.coils):
                self.envelope.held((entry.unit, row.address), value)

    def forget(self) -> None:
        """Everything is back where it was, and the journal is empty: what is written next is read before."""
        self._registers.clear()
        self._commands.clear()

    def known(self, asked: Asked) -> bool:
        """Whether the journal has all that this request changes."""
        places = range(asked.address, asked.address + asked.count)
        return all((asked.unit, asked.coils, at) in self._registers for at in places)

    def original(self, unit: int, address: int, *, coils: bool = False) -> bytes | None:
        """What a register held when the bench came, None for one that nobody has written."""
        return self._registers.get((unit, coils, address))

    def heard(self, soc: float | None) -> None:
        """The state of charge, as the device has told it."""
        if soc is not None:
            self.envelope.soc = soc

    # what passes

    def requests(self, data: bytes, *, serial: bool) -> list[Asked]:
        """The Modbus requests in `data`; EnvelopeViolation when it is anything else."""
        try:
            return over_serial(data) if serial else over_tcp(data)
        except NotARequest as no:
            raise self._violation(f"{no}", data) from no

    def modbus(self, data: bytes, *, serial: bool) -> None:
        """Let requests pass, or raise EnvelopeViolation or Unidentified."""
        for asked in self.requests(data, serial=serial):
            if asked.writes:
                self._modbus_write(asked)

    def _modbus_write(self, asked: Asked) -> None:
        if asked.function not in WRITES or asked.function == 22:
            if asked.function in self.envelope.limits.functions and not self.violations:
                self._identified()
                return
            why = "it is none that only reads, and the envelope does not allow it"
            raise self._violation(f"byte {asked.head} asks for function {asked.function}: {why}", asked.whole)
        self._allowed(asked.whole)
        rows = self._rows(asked)
        self._identified()
        if not self.known(asked):
            raise self._violation(f"{self._where(asked)} is written before the journal has what it held", asked.whole)
        if self._gives_back(asked):
            self.passed += 1
            self.envelope.passed(dict(self._values(asked)), flash=False)
            self.rehearsal.tried(asked.whole)
            return
        self._bounded(asked, rows)

    def _gives_back(self, asked: Asked) -> bool:
        size = 1 if asked.coils else 2
        return all(
            asked.data[size * n : size * n + size] == self._registers[asked.unit, asked.coils, asked.address + n]
            for n in range(asked.count)
        )

    def _bounded(self, asked: Asked, rows: list[Row]) -> None:
        """Everything that the envelope says of a write that is no giving back."""
        envelope, where = self.envelope, self._where(asked)
        flash = any("flash" in row.remarks for row in rows)
        self._unviolated(asked.whole)
        for why in (envelope.forbidden(asked.address, asked.count), envelope.hours(), envelope.often(),
                    envelope.wears() if flash else ""):  # fmt: skip
            if why:
                raise self._violation(f"{where}: {why}", asked.whole)
        setpoints = {}
        for row, value in self._settings(asked.unit, asked.address, _wide(asked), coils=asked.coils):
            sort = meaning(row)
            assert sort is not None
            which = (asked.unit, row.address)
            why = envelope.magnitude(sort.sort, value) or envelope.steep(which, sort.sort, value)
            if why:
                at = asked.at + (1 if asked.coils else 2) * (row.address - asked.address)
                raise self._violation(
                    f'bytes {at} to {at + 2 * row.words - 1} ask register {row.address} "{row.name}" of unit '
                    f"{asked.unit} for {why}", asked.whole,
                )  # fmt: skip
            setpoints[which] = value
        self._rehearse(asked.whole, where)
        self.passed += 1
        envelope.passed(dict(setpoints), flash=flash)

    def _values(self, asked: Asked) -> Iterator[tuple[object, float]]:
        for row, value in self._settings(asked.unit, asked.address, _wide(asked), coils=asked.coils):
            yield (asked.unit, row.address), value

    def _rehearse(self, data: bytes, where: str) -> None:
        effects, _ = self.rehearsal.tried(data)
        self._judged(effects, data, where)

    def _judged(self, effects: Mapping[str, float], data: bytes, where: str) -> None:
        for quantity, value in effects.items():
            if why := self.envelope.effect(quantity, value):
                raise self._violation(f"{where} {why}", data)

    def _rows(self, asked: Asked) -> list[Row]:
        """The rows of the family's table that a request writes; EnvelopeViolation for a register that it has not."""
        rows: dict[int, Row] = {}
        for address in range(asked.address, asked.address + asked.count):
            row = self.rehearsal.row_at(asked.unit, address, coils=asked.coils)
            if row is None:
                kind = "coil" if asked.coils else "register"
                raise self._violation(
                    f"bytes {asked.at} on write {kind} {address} of unit {asked.unit}: the table of row "
                    f"{self.place.row} has none there that can be written", asked.whole,
                )  # fmt: skip
            rows[row.address] = row
        return list(rows.values())

    def _settings(self, unit: int, address: int, data: bytes, *, coils: bool = False) -> Iterator[tuple[Row, float]]:
        """The setpoints in what a request writes, in W, A or %."""
        space = self.rehearsal.space(unit, coils=coils)
        if space is None:
            return
        try:
            hits = space.values(address, data)
        except Refusal:
            return
        for row, _, value in hits:
            if (found := meaning(row)) is not None and isinstance(value, int | float):
                yield row, found.of(float(value), self.rehearsal.rated_power)

    def _where(self, asked: Asked) -> str:
        rows = {row.address: row for at in range(asked.address, asked.address + asked.count)
                if (row := self.rehearsal.row_at(asked.unit, at, coils=asked.coils)) is not None}  # fmt: skip
        shown = ", ".join(f'{row.address} "{row.name}"' for row in rows.values())
        return f"function {asked.function} to {'coil' if asked.coils else 'register'} {shown or asked.address}"

    # a maker's own protocol

    def command(self, data: bytes, keeper: Keeper) -> None:
        """Let a command of a maker's own protocol pass: what it means is told by its keeper and the rehearsal."""
        if keeper.reads(data):
            return
        word, where = keeper.word(data), f"{data[:80]!r}"
        self._allowed(data)
        self._identified()
        if not self.has(word):
            raise self._violation(f"{where} changes something that could not be put back", data)
        asked = keeper.sets(data)
        setpoints: dict[object, float] = {word: asked[1]} if asked is not None else {}
        if self.gives_back(word, data):
            self.rehearsal.tried(data)
            self._let(setpoints, flash=False)
            return
        self._unviolated(data)
        if why := self.envelope.hours() or self.envelope.often():
            raise self._violation(f"{where}: {why}", data)
        before = self.rehearsal.request
        effects, written = self.rehearsal.tried(data)
        self._judged(effects, data, where)
        flash = any(each.wear == "flash" for each in written)
        for why in (
            self.envelope.asked(self.rehearsal.request) if self.rehearsal.request != before else "",
            self.envelope.wears() if flash else "",
            self.envelope.magnitude(*asked) or self.envelope.steep(word, *asked) if asked is not None else "",
        ):
            if why:
                raise self._violation(f"{where}: {why}", data)
        self._let(setpoints, flash=flash)

    def _let(self, setpoints: dict[object, float], *, flash: bool) -> None:
        self.passed += 1
        self.envelope.passed(setpoints, flash=flash)

    def gives_back(self, word: str, data: bytes) -> bool:
        """Whether a command is what gives back what the device held."""
        return data in self._commands.get(word, set())

    def has(self, word: str) -> bool:
        """Whether the journal has what this command changes."""
        return word in self._commands

    # why not

    def _allowed(self, data: bytes) -> None:
        if self.place.envelope is None:
            raise self._violation("the bench file has no envelope: this place is only read", data)

    def _unviolated(self, data: bytes) -> None:
        if self.violations:
            raise self._violation("after a violation nothing is written but what the device held before", data)

    def _identified(self) -> None:
        if not self.identified:
            raise Unidentified("nothing is written before the device has said who it is on this connection")

    def _violation(self, what: str, data: bytes) -> EnvelopeViolation:
        found = EnvelopeViolation(self.place.name, what, data)
        self.violations.append(found)
        return found


def _wide(asked: Asked) -> bytes:
    """Two bytes for each register or coil."""
    if not asked.coils:
        return asked.data
    return b"".join(bytes((0, bit)) for bit in asked.data)
