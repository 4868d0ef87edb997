"""Finished cases on disk, so that a campaign that was killed goes on where it stopped.

One JSON line a case, under a fingerprint of the code: a journal of other code is not believed.
"""

import hashlib
import json
from pathlib import Path

from controller.errors import ConfigurationError
from scenarios.campaign.cases import Case, Outcome

ROOT = Path(__file__).parents[2]
CODE = ("controller", "emulators", "rigs", "scenarios", "twin")


def fingerprint() -> str:
    """Hash of everything that a verdict depends on: code, tables and the list."""
    digest = hashlib.sha256()
    for package in CODE:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in (".py", ".toml", ".csv"):
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Journal:
    """Outcomes as they come, in one file."""

    def __init__(self, path: Path) -> None:
        self._path, self._code, self._cut = path, fingerprint(), ""
        self.found = self._read()

    def _read(self) -> dict[Case, Outcome]:
        if not self._path.exists():
            return {}
        outcomes: dict[Case, Outcome] = {}
        text = self._path.read_text(encoding="utf-8")
        self._cut = "" if text.endswith("\n") or not text else "\n"  # behind the line at which it was killed
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:  # the line that was being written when the campaign was killed
                continue
            if entry.pop("code") == self._code:
                outcome = Outcome(**{**entry, "case": Case(**entry["case"])})
                outcomes[outcome.case] = outcome
        return outcomes

    def note(self, outcome: Outcome) -> None:
        """Append one outcome; it is on disk when this returns. ConfigurationError when the disk is full."""
        entry = {"code": self._code, **vars(outcome), "case": vars(outcome.case)}
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(self._cut + line)
            self._cut = ""
        except OSError as error:
            raise ConfigurationError(f"cannot be written: {error.strerror}", file=str(self._path)) from error


def done(path: Path) -> None:
    """The report of a campaign is written; its journal has done its work."""
    path.unlink(missing_ok=True)
