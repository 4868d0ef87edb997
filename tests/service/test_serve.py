"""`hem serve` as it runs: real sockets, a real process, real signals."""

import http.client
import signal
from contextlib import closing

from typer.testing import CliRunner

import hem

SITE = '[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\npeak_power = 9200\n'


def got(port: int, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_service_answers_and_a_signal_ends_it_in_order(tmp_path, serving):
    with serving(tmp_path) as (process, port):
        assert got(port, "/health") == (200, "ok\n")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["site.toml"]


def test_nobody_else_is_served_without_tls_unless_the_installer_says_so(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    result = CliRunner().invoke(hem.app, ["serve", str(tmp_path / "site.toml"), "--listen", "0.0.0.0:0"])
    assert result.exit_code == 2
    assert result.stderr.startswith("hem: listen: 0.0.0.0 can be reached by others: --certificate and --key, ")


def test_an_address_that_cannot_be_had_ends_the_start_in_one_line(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    result = CliRunner().invoke(hem.app, ["serve", str(tmp_path / "site.toml"), "--listen", "203.0.113.7:80"])
    assert result.exit_code == 2
    assert result.stderr == "hem: listen: 203.0.113.7:80 cannot be used: Cannot assign requested address\n"


def test_a_bus_without_real_time_is_refused(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    result = CliRunner().invoke(hem.app, ["serve", str(tmp_path / "site.toml"), "--bus", "simulated"])
    assert (result.exit_code, result.stderr) == (2, "hem: bus: one of loopback, physical, not 'simulated'\n")
