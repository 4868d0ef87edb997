"""History on a real PostgreSQL server, started here: the same stories as in a file, and a server that is killed."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hem
from controller.errors import ConfigurationError, StoreError
from controller.log import Event
from controller.members import Setpoint
from controller.service.history import Given, History
from controller.service.postgresql import Postgresql, named
from controller.service.recorder import Recorder

spec = spec_from_file_location("stories", Path(__file__).with_name("test_history.py"))
stories = module_from_spec(spec)
spec.loader.exec_module(stories)
SAME = [
    name for name, each in vars(stories).items()
    if name.startswith("test_") and each.__code__.co_varnames[: each.__code__.co_argcount] == ("history",)
]  # fmt: skip
globals().update({name: getattr(stories, name) for name in SAME})
MIDNIGHT, ROOF, GRID = stories.MIDNIGHT, stories.ROOF, stories.GRID
PASSWORD = "ein langes Wort"


class Cluster:
    """A server of our own on a socket in a folder of its own; it refuses root, so that somebody else runs it."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            pytest.fail("PostgreSQL is missing, history on it was not tried: apt-get install postgresql")
        self._programs = found[-1].parent
        self.folder = Path(tempfile.mkdtemp(prefix="hem-pg-", dir="/dev/shm"))
        self._owner = {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.getuid() == 0 else {}
        if self._owner:
            shutil.chown(self.folder, "postgres", "postgres")
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        pgpass = self.folder / "pgpass"
        pgpass.write_text(f"*:*:*:fleet:{PASSWORD}\n")
        pgpass.chmod(0o600)
        shutil.chown(pgpass, os.getuid())
        self.passwords = str(pgpass)
        self._do(
            "initdb", "-D", "data", "-U", "fleet", "-A", "scram-sha-256", "--pwfile=password", "-N", "--wal-segsize=1"
        )
        self.start()

    def start(self) -> None:
        told = (
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "shared_buffers=16MB",
            "recovery_init_sync_method=syncfs",
        )
        options = [word for each in (*told, "log_min_messages=log") for word in ("-c", each)]
        self.process = subprocess.Popen(
            [str(self._programs / "postgres"), "-D", "data", *options], cwd=self.folder, stderr=subprocess.PIPE,
            text=True, **self._owner,
        )  # fmt: skip
        said = []
        while not said or "ready to accept connections" not in said[-1]:
            said.append(self.process.stderr.readline())
            assert said[-1], "".join(said)

    def kill(self) -> None:
        """As a power cut does, its children too."""
        first = self.process.pid
        children = [int(each) for each in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for each in (first, *children):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.process.communicate()  # the pipe ends with the last of them

    def end(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def _do(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self._owner)
        assert done.returncode == 0, done.stdout.decode()

    @property
    def url(self) -> str:
        return f"postgresql://fleet@/postgres?host={self.folder}"


@pytest.fixture(scope="module")
def cluster():
    made = Cluster()
    yield made
    made.end()


@pytest.fixture
def open_history(cluster, tmp_path, monkeypatch, request):
    """What opens the history of a site, each test's another one's."""
    monkeypatch.setenv("PGPASSFILE", cluster.passwords)
    made = []

    def opened(site: str = "", schema: str = "") -> History:
        site = site or f"Haus {request.node.name[-30:]}"
        made.append(History(tmp_path / f"{len(made)}.sqlite", Postgresql(cluster.url, schema or named(site), site)))
        return made[-1]

    yield opened
    for each in made:
        with suppress(StoreError):
            each.close()


@pytest.fixture
def history(open_history):
    """As the one of the stories that are told of a file."""
    return open_history()


def test_all_stories_of_one_history_are_told_of_the_server_too():
    assert len(SAME) >= 8
    assert {"test_each_grain_is_kept_as_long_as_it_says", "test_setpoints_keep_their_chain_of_reasons"} <= set(SAME)


def test_several_sites_stand_in_one_database_and_none_sees_another(open_history):
    sites = {name: open_history(name) for name in ("Haus am See", "Haus am Wald")}
    for number, history in enumerate(sites.values()):
        history.write({MIDNIGHT: {ROOF: 100.0 + number}}, [Event(MIDNIGHT + 0.25, 1.0, "roof", f"site {number}")])
    for number, history in enumerate(sites.values()):
        assert history.points(*ROOF, MIDNIGHT, MIDNIGHT + 60, 10) == [(MIDNIGHT, 100.0 + number)]
        assert [each["what"] for each in history.events()] == [f"site {number}"]


def test_a_second_controller_does_not_write_where_one_does(open_history):
    first, second = open_history("Haus A"), open_history("Haus A")
    first.write({MIDNIGHT: {ROOF: 1.0}})
    with pytest.raises(StoreError, match="another controller writes the schema haus_a just now"):
        second.write({MIDNIGHT: {ROOF: 2.0}})
    assert first.points(*ROOF, MIDNIGHT, MIDNIGHT + 60, 10) == [(MIDNIGHT, 1.0)]


def test_another_house_of_the_same_name_is_told_to_take_another(open_history):
    first = open_history("Haus B")
    first.write({MIDNIGHT: {ROOF: 1.0}})
    first.close()
    with pytest.raises(StoreError, match=r"keeps 'Haus B': history\.name is to be another"):
        open_history("Haus b").write({MIDNIGHT: {ROOF: 2.0}})


def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(cluster, open_history):
    history, acknowledged = open_history(), 0
    for cut in range(2):
        for n in range(acknowledged, acknowledged + 40):
            history.write({MIDNIGHT + 10 * n: {ROOF: float(n)}}, [Event(MIDNIGHT + n, n, "roof", str(n))])
        acknowledged += 40
        history.tidy(MIDNIGHT + 10.0 * acknowledged)
        cluster.kill()
        with pytest.raises(StoreError, match=r"^postgresql /"):
            history.write({MIDNIGHT + 10 * acknowledged: {GRID: 1.0 + cut}})
        with pytest.raises(StoreError):
            history.points(*ROOF, MIDNIGHT, MIDNIGHT + 60, 10)
        cluster.start()
    assert [value for _, value in history.points(*ROOF, 0, 4e9, 10)] == [float(n) for n in range(acknowledged)]
    assert [int(each["what"]) for each in history.events(limit=1000)][::-1] == list(range(acknowledged))


def test_what_may_have_been_written_already_stands_once(history):
    event = Event(MIDNIGHT + 0.5, 7.0, "roof", "online " + "x" * 3000)
    given = Given(MIDNIGHT + 0.5, "roof", "feed_in", Setpoint("roof", "limit_power", 1800.0, "60 %"))
    for _ in range(2):  # a commit of which nobody knows whether it came through
        history.write({MIDNIGHT: {ROOF: -12.5}}, [event], [given])
    assert len(history.points(*ROOF, MIDNIGHT, MIDNIGHT + 60, 10)) == len(history.events()) == 1
    assert len(history.setpoints()) == 1


def test_a_house_goes_on_while_the_server_is_away_and_history_comes_later(cluster, open_history, house_of):
    logs = []
    for away in (False, True):
        served = house_of(at=6 * 3600.0)
        history = open_history(f"Haus {away}")
        recorder = Recorder(lambda history=history: history, served.exchange)
        for half in range(8):
            if away and half in (2, 6):
                cluster.kill() if half == 2 else cluster.start()
            served.home.built["operator"].main.twin.set("k3", half % 4 < 2)
            served.run(30.0)
            recorder.work()
            assert bool(recorder.problem) == (away and 2 <= half < 6)
            recorder.audit("anna", f"half {half}")
        logs.append([(event.time, event.device, event.what) for event in served.home.hem.log])
        begin = served.now - 200
        assert len(history.points("roof", "power", begin, begin + 190, 10)) == 19
        assert recorder.lost == 0
        assert len(history.audits()) == 8
        recorder.close()
    assert logs[0] == logs[1]


def test_a_year_of_quarter_hours_is_read_at_once(history):
    keys = [("", name) for name in ("import", "export", "price")]
    history.write({MIDNIGHT: dict.fromkeys(keys, 1.0)})
    blob = stories.tiers.array("d", [0.5 * n for n in range(96)]).tobytes()
    with history._database.write() as writer:
        rows = [(n, MIDNIGHT + day * 86_400, blob) for n in range(3) for day in range(365)]
        writer.executemany("INSERT INTO quarters VALUES (?, ?, ?)", rows)
        writer.execute("INSERT INTO done VALUES (?, ?)", ("quarters", MIDNIGHT + 365 * 86_400))
    found = history.points("", "export", MIDNIGHT, MIDNIGHT + 365 * 86_400, 900)
    assert (len(found), found[-1]) == (35_040, (MIDNIGHT + 365 * 86_400 - 900, 47.5))


def test_the_password_stands_in_no_url_and_in_nothing_that_is_said(cluster, open_history, tmp_path, monkeypatch):
    with pytest.raises(ConfigurationError, match="the password in the file that PGPASSFILE names") as told:
        Postgresql(f"postgresql://fleet:{PASSWORD}@db.lan/fleet", "haus", "Haus")
    assert PASSWORD not in str(told.value)
    wrong = tmp_path / "wrong"
    wrong.write_text("*:*:*:fleet:another word\n")
    wrong.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(wrong))
    with pytest.raises(StoreError, match="password authentication failed") as refused:
        open_history("Haus C").write({MIDNIGHT: {ROOF: 1.0}})
    assert "another word" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('postgresql = "mysql://db.lan/fleet"', "history.postgresql: postgresql://user@host/database"),
        ('postgresql = "postgresql://db.lan/fleet?sslmood=1"', "history.postgresql: postgresql://user@host/database"),
        ('postgresql = "postgresql://db.lan/fleet"\nname = "Haus 1"', "history.name: small letters, digits and _"),
    ],
)
def test_a_site_file_that_names_no_database_is_refused_in_one_line(tmp_path, line, expected):
    file = tmp_path / "site.toml"
    file.write_text(f'[history]\n{line}\n[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\n')
    result = CliRunner().invoke(hem.app, ["serve", str(file), "--bus", "loopback", "--listen", "127.0.0.1:0"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith(f"hem: {file}: {expected}")


def test_a_served_house_keeps_its_history_on_the_server(cluster, open_history, tmp_path):
    history = f'[history]\npostgresql = "{cluster.url}"\n[site]\nname = "Haus D"\n'
    file = tmp_path / "site.toml"
    file.write_text(history + '[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\npeak_power = 9200\n')
    result = CliRunner().invoke(
        hem.app, ["serve", str(file), "--bus", "loopback", "--listen", "127.0.0.1:0", "--hours", "0.001"]
    )
    assert result.exit_code == 0, result.stderr
    found = open_history("Haus D")
    assert ("roof", "power") in found.series
    assert "online: SMA STP 8.0" in json.dumps(found.events())
