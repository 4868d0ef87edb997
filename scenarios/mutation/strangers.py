"""The stranger as a judge of broken tables: he asks for the words of the broken cell, of every device that shows it.

A break of one cell moves and changes nothing but the words that come from it.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from emulators.family.profile import BrokenProfile, Profile
from scenarios.bench.record import Broken
from scenarios.bench.ways import Way, ways
from scenarios.bench.words import Word
from scenarios.mutation.mutants import Mutant
from scenarios.mutation.scenes import Played, Verdict, played
from scenarios.mutation.tables import Origin, emulator_mutants
from scenarios.stories.generic import strange

UNBUILT = "no device can be built of it"


class Strangers:
    """The words of one family, by the cells that they come from, and what healthy devices say to a stranger."""

    def __init__(self, profile: Profile, protocol: str) -> None:
        self.profile, self.protocol = profile, protocol
        self.ways = ways(profile.file, protocol)
        self._words: dict[Origin, list[tuple[Way, list[Word]]]] = {}
        for way in self.ways:
            for word in way.words:
                found = self._words.setdefault(word.origin, [])
                if not found or found[-1][0] is not way:
                    found.append((way, []))
                found[-1][1].append(word)
        self._healthy: dict[tuple[Way, Origin | None], Played] = {}

    def mutants(self) -> Iterator[tuple[Mutant, Origin | None]]:
        return emulator_mutants(self.profile, self._words)

    def touches(self, origin: Origin | None) -> list[Word]:
        """The words of a cell, in all ways."""
        if origin is None:
            return [word for way in self.ways for word in way.words]
        return [word for _, words in self._words.get(origin, ()) for word in words]

    def judge(self, mutant: Mutant, origin: Origin | None, verdict: Verdict) -> None:
        """Ask the words of the broken cell of every device that shows it, until one of them tells."""
        places = self._words[origin] if origin else [(way, list(way.words)) for way in self.ways]
        for way, words in places:
            now = self.asked(way, words, mutant.profile)
            if now is None:
                verdict.killer = UNBUILT
                return
            healthy = self._healthy.get((way, origin))
            if healthy is None:
                healthy = self.asked(way, words, None)
                assert healthy is not None, way.name
                self._healthy[way, origin] = healthy
            if healthy.held and not now.held:
                verdict.killer = "generic"
                return
            verdict.lived(now, healthy)

    def asked(self, way: Way, words: Sequence[Word], profile: Profile | None) -> Played | None:
        """Ask a device, broken or not, for these words; None when none can be built."""
        try:
            bench = way.bench(self.protocol, profile)
        except (BrokenProfile, ValueError, TypeError):
            return None
        try:
            bench.tell(partial(strange, words=words, among=way.words))
        except Broken:
            return Played(False, b"", ())
        except Exception as defect:  # a broken table over which its device falls
            if profile is None:
                raise
            return Played(False, b"", (repr(defect),))
        return played(bench.record, ())
