"""What several counters have grown since midnight, as quantities of their own."""

from collections.abc import Callable, Mapping

from emulators.faces.daily import SinceMidnight


class Today:
    """`<counter>_today` for each of some counters in Wh."""

    def __init__(self, counters: Mapping[str, Callable[[], float]], clock: Callable[[], float]) -> None:
        self._counters = {name: SinceMidnight(total, clock) for name, total in counters.items()}

    def __getattr__(self, name: str) -> float:
        counters: dict[str, SinceMidnight] = vars(self).get("_counters", {})
        if not name.endswith("_today") or name[:-6] not in counters:
            raise AttributeError(name)
        return counters[name[:-6]].look()
