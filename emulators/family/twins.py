"""The physics of a device: that of its kind, or one that its family file names.

twin = "turbine:WindTurbine"      class in the maker's package, built as WindTurbine(rated_power, phases, facts)
"""

from emulators.family.profile import BrokenProfile, Facts, Profile
from twin.kinds import twin_of
from twin.model import Model


def twin_for(family: Profile, facts: Facts) -> Model:
    """A new twin of a model of this family."""
    make = family.object("twin")
    if make is None:
        return twin_of(family.kind, facts.rated_power, facts.phases, facts.more)
    twin = make(facts.rated_power, facts.phases, facts.more)
    if not isinstance(twin, Model):
        raise BrokenProfile(family.file, "twin", "a twin.model.Model")
    return twin
