"""Devices that can be told what may be fed at the meter of the grid connection, and not what they may feed themselves.

Theory: a device that may feed `watts` feeds what the house takes and the rest at the meter. So what may be fed there is
`watts` less what the house takes. These settings lie in flash. The rule that gives the limit follows the house as well,
from readings of its own, so that an order and the house mostly move together and the setting stays. What moves alone is
followed when it stays: soon while the device feeds more than was ordered, because others may have been given what the
house takes; else later, because it harms nobody.
"""

from dataclasses import dataclass

PATIENCE = 30.0  # s for which the house has to take another power before the setting is written again
TOO_MUCH = 10.0  # s for which the device may feed more than was ordered; an order follows the house sooner
BAND = 0.005  # of the rating: smaller differences are left alone


@dataclass
class FeedIn:
    """What was ordered last, and since when the house has been asking for another setting."""

    ordered: float | None = None
    apart_since: float | None = None

    def forget(self) -> None:
        self.ordered = self.apart_since = None

    def due(
        self, watts: float, power: float, house: float, standing: float | None, band: float, now: float
    ) -> float | None:
        """W to be set now, None while `standing`, the setting that is there, will do. `power`: W it feeds."""
        wanted = max(watts - max(house, 0.0), 0.0)
        new = self.ordered is None or abs(watts - self.ordered) > band
        self.ordered = watts
        if standing is not None and abs(wanted - standing) <= band and (wanted or not standing):
            self.apart_since = None
            return None
        if self.apart_since is None:
            self.apart_since = now
        patience = TOO_MUCH if power > watts + band else PATIENCE
        if standing is not None and not new and now - self.apart_since < patience:
            return None
        self.apart_since = None
        return wanted
