"""`hem serve` by TLS with a certificate of its own, which the program openssl makes."""

import signal
import ssl
import stat

import httpx


def test_the_code_opens_the_api_by_tls_with_a_certificate_of_our_own(tmp_path, serving):
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
