"""Which rows a changed file touches: those of the families and drivers that rest on it, all when all do."""

import pytest

from controller.compatibility.rows import rows
from emulators.family.profile import ROOT, profiles
from scenarios.campaign.changes import family_files, touched

GENERAL = ("family", "table", "wires", "faults")


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("emulators/sungrow/sh.toml", {52, 53, 54}),
        ("emulators/sungrow/sh_measured.py", {52, 53, 54}),
        ("emulators/eastron/tables/settings.toml", {111, 112, 113, 114, 126, 130}),  # two assumed meters have it too
        ("emulators/sma/tables/pv_yield.toml", {1, 2, 3, 5}),  # a table that a table includes
        ("controller/drivers/fronius.py", {16, 17, 18, 19, 20}),
        ("docs/stories.md", set()),
    ],
)
def test_a_file_touches_the_rows_that_rest_on_it(file, found):
    assert {row.row for row in touched([file])} == found


@pytest.mark.parametrize("file", ["emulators/table/rows.py", "twin/meter.py", "controller/drivers/shared/new.py"])
def test_what_all_or_nobody_knows_who_rests_on_touches_all(file):
    assert touched([file]) == rows()


def test_every_file_of_a_maker_is_one_of_a_family():
    known = set().union(*(family_files(each.file) for each in profiles()))
    makers = [folder for folder in ROOT.iterdir() if folder.is_dir() and folder.name not in GENERAL]
    files = {
        str(each.relative_to(ROOT.parent))
        for maker in makers
        for each in (*maker.rglob("*.toml"), *maker.rglob("*.py"))
    }
    assert {each for each in files - known if not each.endswith("__init__.py")} == set()
