"""HEM firmware levels in their order, and the requirement a row of the list sets on them."""

from dataclasses import dataclass, field
from functools import total_ordering

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from controller.errors import ConfigurationError


@total_ordering
@dataclass(frozen=True, slots=True)
class Level:
    """A released or planned firmware level; `3.0` and `3.0.0` are the same one."""

    version: Version

    @classmethod
    def parse(cls, text: str) -> "Level":
        """The level called `text`; ConfigurationError naming the known ones when there is none."""
        try:
            version = Version(text.strip())
        except InvalidVersion:
            version = None
        for level in LEVELS:
            if level.version == version:
                return level
        known = ", ".join(map(str, LEVELS))
        raise ConfigurationError(f"unknown level {text!r}, expected one of {known}", key="firmware")

    @property
    def planned(self) -> bool:
        """Announced but not released: run it, report it apart."""
        return self.version == _PLANNED

    def __lt__(self, other: "Level") -> bool:
        return self.version < other.version

    def __str__(self) -> str:
        return str(self.version)


_PLANNED = Version("3.1.0")

LEVELS: tuple[Level, ...] = tuple(
    Level(version) for version in (*map(Version, ("1.32.0", "2.0.0", "2.0.1", "2.0.2", "3.0.0")), _PLANNED)
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """The firmware column: a lowest level (`1.32.0`, `3.0`) or a specifier (`>2.0.0`, true from 2.0.1 on)."""

    printed: str
    _specifier: SpecifierSet = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = self.printed.strip()
        try:
            specifier = SpecifierSet(f">={text}" if text[:1].isdigit() else text)
        except InvalidSpecifier:
            specifier = SpecifierSet()
        if not list(specifier):
            raise ConfigurationError(f"{text!r} is no level and no specifier such as '>2.0.0'", key="firmware")
        object.__setattr__(self, "_specifier", specifier)

    def met_by(self, level: Level) -> bool:
        """Whether a controller at `level` supports the row."""
        return self._specifier.contains(level.version)

    def first_level(self) -> Level:
        """The lowest known level that meets it."""
        for level in LEVELS:
            if self.met_by(level):
                return level
        raise ConfigurationError(f"no known level meets {self.printed}", key="firmware")

    def __str__(self) -> str:
        return self.printed
