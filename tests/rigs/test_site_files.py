"""A site carried to another machine."""

import io
import tarfile

import pytest
from typer.testing import CliRunner

import hem
from controller.errors import ConfigurationError
from controller.service.access import Access
from controller.service.history import History
from controller.store import Evidence
from controller.store_sqlite import Sqlite
from rigs.site_files import Files, backup, restore

SITE = '[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\n'
ROOF = ("roof", "power")


@pytest.fixture
def site(tmp_path):
    """A site with a state, a record of evidence and ten seconds of history, while it is still written."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "haus.toml").write_text(SITE)
    files = Files.beside(folder / "haus.toml")
    store, history = Sqlite(files.state), History(files.history)
    store.save("books", {"roof": {"energy": 123_456_789.25}})
    store.evidence(Evidence("operator", "feed-in", 30.0, "%", 1_750_000_000.0, None, -7000.5, "K3"))
    history.write({1_750_000_000: {ROOF: -12.5}})
    Access(files.secrets).add("anna", "install", "ein langes Wort")
    yield folder / "haus.toml"
    store.close()
    history.close()


def test_a_backup_of_a_running_site_stands_on_another_machine_as_it_was(site, tmp_path):
    out, apart = str(tmp_path / "b.tgz"), str(tmp_path / "apart.json")
    result = CliRunner().invoke(hem.app, ["backup", str(site), out, "--secrets", apart])
    assert result.stdout == f"{out}: site.toml, state.sqlite, history.sqlite\n"
    assert CliRunner().invoke(hem.app, ["restore", out, str(tmp_path / "new"), "--secrets", apart]).exit_code == 0
    files = Files.beside("haus.toml", tmp_path / "new")
    store, history = Sqlite(files.state), History(files.history)
    assert store.load("books") == {"roof": {"energy": 123_456_789.25}}
    assert (store.evidence_since(0)[0].evidence.measured, store.verify()) == (-7000.5, None)
    assert history.points(*ROOF, 0, 2e9, 10) == [(1_750_000_000, -12.5)]
    assert Access(files.secrets).names("users") == {"anna": "install"}
    assert (tmp_path / "new" / "haus.toml").read_text() == SITE
    store.close()
    history.close()


def test_a_backup_holds_no_secrets(site, tmp_path):
    backup(str(site), str(tmp_path / "b.tgz"))
    with tarfile.open(tmp_path / "b.tgz") as tar:
        assert tar.getnames() == ["manifest.json", "site.toml", "state.sqlite", "history.sqlite"]
    assert (tmp_path / "b.tgz").stat().st_mode & 0o077 == 0


def test_nothing_is_overwritten(site, tmp_path):
    out = str(tmp_path / "b.tgz")
    backup(str(site), out)
    with pytest.raises(ConfigurationError, match=r"b\.tgz: cannot be written: File exists"):
        backup(str(site), out)
    with pytest.raises(ConfigurationError, match="stands there already, nothing was restored"):
        restore(out, str(site.parent))


@pytest.mark.parametrize("name", ["site.toml", "state.sqlite", "../evil"])
def test_an_archive_that_is_not_as_it_was_written_is_refused_and_writes_nothing(site, tmp_path, name):
    out = tmp_path / "b.tgz"
    backup(str(site), str(out))
    with tarfile.open(out) as tar:
        parts = {each.name: tar.extractfile(each).read() for each in tar.getmembers()}
    if name == "../evil":
        parts["manifest.json"] = parts["manifest.json"].replace(b'"haus.toml"', b'".."')
    else:
        parts[name] = parts[name][:-1] + b"!"
    with tarfile.open(out, "w:gz") as tar:
        for each, part in parts.items():
            told = tarfile.TarInfo(each)
            told.size = len(part)
            tar.addfile(told, io.BytesIO(part))
    with pytest.raises(ConfigurationError, match=r"is not as it was written|is no backup"):
        restore(str(out), str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_what_is_no_archive_is_said_in_one_line(tmp_path):
    (tmp_path / "b.tgz").write_text("no archive")
    result = CliRunner().invoke(hem.app, ["restore", str(tmp_path / "b.tgz"), str(tmp_path / "new")])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"hem: {tmp_path / 'b.tgz'}: is no backup: ")
