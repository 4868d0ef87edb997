"""The list is a requirement and the code claims it: one emulator and one driver for each row and protocol built."""

import sys
from collections import Counter

import pytest

from controller.compatibility.rows import pairs, row
from controller.drivers.serving import claims, drivers
from emulators.family.profile import profile_for, profiles
from scenarios.campaign.cases import built
from scenarios.campaign.listing import listing

EMULATED = Counter(
    (number, protocol) for profile in profiles() for number, spoken in profile.serves.items() for protocol in spoken
)
DRIVEN = Counter({pair: len(serving) for pair, serving in claims().items()})
BUILT = sorted(EMULATED.keys() & DRIVEN.keys())


def test_no_row_and_protocol_is_claimed_twice():
    twice = {pair: count for pair, count in (EMULATED + Counter()).items() if count > 1}
    assert not twice
    assert not {pair: count for pair, count in DRIVEN.items() if count > 1}


def test_nothing_is_claimed_that_the_list_does_not_promise():
    assert not (EMULATED.keys() | DRIVEN.keys()) - set(pairs())


def test_what_has_one_side_only_is_not_built_and_says_which_is_missing():
    for number, protocol in pairs():
        sides = {"emulator": EMULATED, "driver": DRIVEN}
        missing = [f"no {name}" for name, claimed in sides.items() if (number, protocol) not in claimed]
        assert built(number, protocol) == " and ".join(missing)


@pytest.mark.parametrize("pair", BUILT, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_every_printed_variant_is_a_model_of_the_emulator_with_its_printed_rating(pair):
    number, protocol = pair
    profile = profile_for(number, protocol)
    assert profile is not None
    models = {each.name: each for each in profile.models_of(number)}
    printed = {each.name: each for each in row(number).variants}
    assert set(models) == set(printed)
    for name, variant in printed.items():
        if variant.rated_power is not None:
            assert models[name].rated_power == variant.rated_power, name
        if variant.phases is not None:
            assert models[name].phases == variant.phases, name


@pytest.mark.parametrize("number", sorted({number for number, _ in BUILT}))
def test_an_emulator_is_of_the_kind_that_the_list_says(number):
    kinds = {profile.kind for profile in profiles() if number in profile.serves}
    assert kinds == {row(number).section}


def test_every_emulator_names_the_document_that_it_was_made_from():
    assert [profile.file for profile in profiles() if not profile.document or not profile.sources] == []


def test_every_driver_names_its_source_and_what_its_device_does_when_nobody_speaks():
    for driver in drivers():
        maker = driver.__module__.split("_")[0]
        modules = [module for name, module in sys.modules.items() if name.split("_")[0] == maker]
        told = " ".join(str(each.__doc__) for each in (driver, *modules))
        assert "Source" in told or "ASSUMED" in told, driver.__module__
        assert driver.when_silent is not None, driver.__module__


def test_hem_list_tells_every_row_and_what_is_claimed_of_it():
    found = listing()
    assert [each["row"] for each in found] == list(range(1, 149))
    claimed = {(each["row"], protocol) for each in found for protocol in each["claims"]["driver"]}
    assert claimed == set(DRIVEN)
    assert all((each["evidence"] == "none") == (not each["claims"]["emulator"]) for each in found)
