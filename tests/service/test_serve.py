"""`hem serve` as it runs: real sockets, a real process, real signals."""

import http.client
import signal
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
from typer.testing import CliRunner

import hem

SITE = '[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\npeak_power = 9200\n'


@contextmanager
def serving(folder: Path, *more: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """`hem serve` on a house of one inverter, once it is ready, and its port; killed at the end if it still runs."""
    (folder / "site.toml").write_text(SITE)
    command = [sys.executable, "-m", "hem", "serve", str(folder / "site.toml"), "--bus", "loopback"]
    command += ["--listen", "127.0.0.1:0", "--hours", "0.02", *more]  # whatever happens, it ends
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith("ready: ")), "")
            yield process, int(line.rpartition(":")[2].strip("/\n") or 0)
        finally:
            process.kill()


def got(port: int, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_service_answers_and_a_signal_ends_it_in_order(tmp_path):
    with serving(tmp_path) as (process, port):
        assert got(port, "/health") == (200, "ok\n")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["site.toml"]


def test_the_code_opens_the_api_by_tls_with_a_certificate_of_our_own(tmp_path):
    with serving(tmp_path, "--own-certificate", "--folder", str(tmp_path)) as (process, port):
        assert process.stdout is not None
        code = process.stdout.readline().split()[-1]
        trust = ssl.create_default_context(cafile=str(tmp_path / "site.certificate.pem"))
        with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trust) as client:
            body = {"code": code, "name": "anna", "password": "ein langes Wort"}
            made = client.post("/api/v1/setup", json=body, headers={"origin": f"https://127.0.0.1:{port}"})
            assert "Secure" in made.headers["set-cookie"]
            assert client.get("/api/v1/readings").json()["devices"]["roof"]["status"]
            assert client.get("/api/v1/evidence").json()["broken"] is None
            assert "strict-transport-security" in made.headers
            with client.stream("GET", "/api/v1/live") as live:
                assert next(live.iter_lines()).startswith('data: {"number":')
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes["site.secrets.json"] == modes["site.key.pem"] == 0o600


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
