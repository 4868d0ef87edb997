"""When a price service is asked: now and then, after the auction until tomorrow is there, and not while it says no.

The auction's results are out at about 12:55 local time, what is made of them for customers from 13:00 on, in bad years
hours later (support.montel.energy; evcc notes 13:00, openWB 14:00). Installations do not all ask in the same second.
"""

from controller.drivers.shared.slots import Price, covered, iso, midnight
from controller.errors import DeviceError, Refused
from controller.ports import Clock, HttpAnswer

PUBLISHED = 13 * 3600.0  # s after midnight in Germany
SPREAD = 300.0  # s over which installations spread what they ask then
FIRST = 60.0  # s after a failure until the next attempt; then twice as long each time


class Asking:
    """The pace of one client. `keep`: s an answer is good for; `soon`: s between attempts at tomorrow, then doubled.

    `closed`: s that a service is left alone that answers 429 without saying for how long.
    """

    def __init__(self, clock: Clock, keep: float, soon: float, closed: float) -> None:
        self._clock, self._keep, self._soon, self._closed = clock, keep, soon, closed
        self._asked = float("-inf")
        self._until = 0.0  # up to where, s since 1970, prices are known from the last look on
        self._looks = self._failures = 0
        self._again, self._error = float("-inf"), DeviceError("not asked yet")
        self._jitter = clock.now() * 1000 % SPREAD

    @property
    def problem(self) -> str:
        """What is missing of today's prices, empty when nothing is."""
        if self._asked == float("-inf") or self._until >= midnight(self._clock.now(), 1):
            return ""
        return f"prices are missing from {iso(self._until)} on"

    def lost(self) -> None:
        """Ask again at the next chance; a service that has just failed keeps its rest."""
        self._asked = float("-inf")

    def admit(self) -> None:
        """The last error again, while the service is to be left alone."""
        if self._clock.monotonic() < self._again:
            raise self._error.with_traceback(None)  # or each raise would lengthen it

    def due(self) -> bool:
        """Whether to ask now."""
        self.admit()
        return self._clock.monotonic() - self._asked >= self._patience()

    def _patience(self) -> float:
        now = self._clock.now()
        waiting = now >= midnight(now) + PUBLISHED + self._jitter and self._until < midnight(now, 2)
        if not waiting:
            self._looks = 0
            return self._keep
        return min(self._soon * 2.0 ** min(max(self._looks - 1, 0), 20), self._keep)

    def answered(self, prices: list[Price], before: list[Price]) -> list[Price]:
        """Note an answer; the prices of `before` themselves when these say the same."""
        self._asked, self._failures = self._clock.monotonic(), 0
        self._again = float("-inf")
        self._until = covered(prices, self._clock.now())
        self._looks += 1
        return before if prices == before else prices

    def failed(self, error: DeviceError, wait: float | None = None) -> None:
        """Note that there was no answer to use; the service is left alone for `wait` s, or ever longer."""
        pause = min(FIRST * 2.0 ** min(self._failures, 20), self._keep) if wait is None else wait
        self._failures += 1
        self._again, self._error = self._clock.monotonic() + pause, error

    def refused(self, answer: HttpAnswer) -> float | None:
        """How long the service wants to be left alone, None when it does not say."""
        again = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after", "").strip()
        if again.isdigit():
            return float(again)
        return self._closed if answer.status == 429 else None


def accepted(answer: HttpAnswer) -> bytes:
    """The body of a good answer; Refused when it is none."""
    if not 200 <= answer.status < 300:
        raise Refused(answer.status, raw=answer.body)
    return answer.body
