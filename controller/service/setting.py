"""Changes settings of a running controller: checked as a draft, applied at once, taken back when it fares worse.

Everything but `draft` happens in the loop. What is applied is watched for a while: when a rule fails or the controller
itself is unwell in that time, the settings before it come back by themselves.
"""

from typing import Any

from controller.changes import KEY, Changes, changed, kept
from controller.hem import Hem
from controller.service.snapshot import Snapshot
from controller.sitefile import Site
from controller.strategy.plan import Plan

TRIAL = 300.0  # s in which a change has to prove itself


class Setting:
    """One controller's. `file`: the site as its file says, without changes."""

    def __init__(self, file: Site) -> None:
        self.file = file
        self._until = float("-inf")

    def draft(self, now: Changes, changes: Changes) -> tuple[dict[str, Any], Site]:
        """All changes that would hold then, and the site; ConfigurationError. None takes a change back."""
        found = {path: value for path, value in {**now, **changes}.items() if value is not None}
        return found, changed(self.file, found)

    def apply(self, changes: Changes, who: str, hem: Hem) -> dict[str, Any]:
        """Let changes hold from now on."""
        standing = kept(hem.store)
        found, site = self.draft(standing["now"], changes)
        self._take(hem, site, {"now": found, "before": standing["now"]})
        self._until = hem.clock.monotonic() + TRIAL
        hem.note("settings", f"changed by {who}: " + ", ".join(f"{path} = {value}" for path, value in changes.items()))
        return found

    def rollback(self, who: str, hem: Hem) -> dict[str, Any]:
        """What held before; ValueError when nothing is known of that."""
        before = kept(hem.store)["before"]
        if before is None:
            raise ValueError("there is nothing to go back to")
        self._take(hem, changed(self.file, before), {"now": before, "before": None})
        self._until = float("-inf")
        hem.note("settings", f"as before, by {who}")
        return dict(before)

    def watch(self, well: bool, snapshot: Snapshot, hem: Hem) -> None:
        """The loop's: take a change back that does not prove itself."""
        if snapshot.monotonic < self._until and (not well or snapshot.defect):
            self.rollback(f"itself, since {snapshot.defect or 'the controller is unwell'}", hem)

    def _take(self, hem: Hem, site: Site, standing: dict[str, Any]) -> None:
        plan = hem.strategy
        if not isinstance(plan, Plan):
            raise ValueError("this controller has no settings")
        hem.store.save(KEY, standing)
        plan.settle(site)
        hem.hurry()
