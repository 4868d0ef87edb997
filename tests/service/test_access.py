"""Who may do what, and what is refused at the door."""

import hashlib
import json
import re
import stat

import pytest

from controller.errors import ConfigurationError
from controller.service.access import ROLES, Access, Denied
from controller.service.guard import COOKIE, Rate

V1 = "/api/v1"
WORDS = "ein langes Wort"


def set_up(door, client=None):
    client = client or door.client()
    return client, client.post(f"{V1}/setup", json={"code": door.code.lower(), "name": "anna", "password": WORDS})


def test_only_health_answers_those_whom_nobody_knows(door):
    door.served.run(20.0)
    described = door.program("read").get(f"{V1}/openapi.json").json()["paths"]
    stranger, open_paths = door.client(), set()
    for path, methods in described.items():
        for method in methods:
            status = stranger.ask(method.upper(), path.format(name="roof", kind="users")).status_code
            if status != 401:
                open_paths.add((method, path, status))
    assert open_paths == {("get", f"{V1}/me", 200), ("post", f"{V1}/setup", 422), ("post", f"{V1}/login", 422)}
    assert stranger.get(f"{V1}/me").json() == {"name": None, "role": None, "set_up": False}
    assert (stranger.get("/health").status_code, stranger.get("/health").text) == (200, "ok\n")
    assert stranger.get(f"{V1}/docs").status_code == stranger.get(f"{V1}/openapi.json").status_code == 401


def test_each_role_may_what_the_ones_before_it_may(door):
    door.served.run(20.0)
    wish = {"command": "release"}
    found = {
        role: [
            door.program(role).get(f"{V1}/devices").status_code,
            door.client(door.access.new_token(f"{role}2", role)).post(f"{V1}/devices/rod/ask", json=wish).status_code,
            door.client(door.access.new_token(f"{role}3", role)).get(f"{V1}/audit").status_code,
        ]
        for role in ROLES
    }
    assert found == {"read": [200, 403, 403], "operate": [200, 200, 403], "install": [200, 200, 200]}


def test_the_code_makes_the_first_user_once(door):
    client, answer = set_up(door)
    assert answer.json() == {"name": "anna", "role": "install"}
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get(f"{V1}/me").json() == {"name": "anna", "role": "install", "set_up": True}
    again = door.client().post(f"{V1}/setup", json={"code": door.code, "name": "eve", "password": WORDS})
    assert again.status_code == 403
    assert [*door.access.names("users")] == ["anna"]
    assert door.house.history.audits()[0]["what"] == "set the site up, may install"


def test_a_wrong_code_or_a_short_password_makes_nobody(door):
    client = door.client()
    assert (
        client.post(f"{V1}/setup", json={"code": "AAAA-BBBB-CCCC", "name": "e", "password": WORDS}).status_code == 403
    )
    assert client.post(f"{V1}/setup", json={"code": door.code, "name": "e", "password": "kurz"}).status_code == 422
    assert door.access.names("users") == {}
    assert door.access.code == door.code


def test_a_session_begins_with_the_password_and_ends_with_the_logout(door):
    set_up(door)
    client = door.client()
    assert client.post(f"{V1}/login", json={"name": "anna", "password": WORDS + "x"}).status_code == 403
    assert client.post(f"{V1}/login", json={"name": "nobody", "password": WORDS}).status_code == 403
    assert client.get(f"{V1}/users").status_code == 401
    assert client.post(f"{V1}/login", json={"name": "anna", "password": WORDS}).status_code == 200
    stolen = client.cookies[COOKIE]
    assert client.get(f"{V1}/users").json() == {"users": {"anna": "install"}, "tokens": {}}
    client.post(f"{V1}/logout")
    thief = door.client()
    thief.cookies.set(COOKIE, stolen)
    assert thief.get(f"{V1}/users").status_code == 401


def test_a_session_is_over_after_thirty_days(tmp_path):
    access = Access(tmp_path / "secrets.json")
    access.add("anna", "read", WORDS)
    secret = access.login("anna", WORDS, 1000.0)
    assert access.session(secret, 1000.0 + 30 * 86_400 - 1).name == "anna"
    assert access.session(secret, 1000.0 + 30 * 86_400 + 1) is None


def test_a_page_of_somebody_else_cannot_make_a_browser_change_anything(door):
    client, _ = set_up(door)
    door.served.run(20.0)
    for origin in ("http://evil.example", "null", ""):
        answer = client.post(f"{V1}/devices/rod/ask", json={"command": "release"}, headers={"origin": origin})
        assert (answer.status_code, answer.json()["detail"]) == (403, "asked from another page")
        assert (
            client.post(f"{V1}/tokens", json={"name": "t", "role": "install"}, headers={"origin": origin}).status_code
            == 403
        )
    assert client.post(f"{V1}/devices/rod/ask", json={"command": "release"}).status_code == 200


def test_passwords_cannot_be_guessed_fast(door):
    client = door.client()
    asked = [client.post(f"{V1}/login", json={"name": "anna", "password": f"Versuch {n}"}) for n in range(7)]
    assert [each.status_code for each in asked] == [403] * 5 + [429] * 2
    assert 0 < int(asked[-1].headers["retry-after"]) <= 13
    assert door.client(host="10.0.0.9").post(f"{V1}/login", json={"name": "a", "password": WORDS}).status_code == 403


def test_a_rate_lets_a_burst_through_and_then_one_each_while():
    now = [100.0]
    rate = Rate(3, 10.0, lambda: now[0])
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 10.0]
    assert rate.wait("b") == 0
    now[0] += 9.5
    assert rate.wait("a") == pytest.approx(0.5)
    now[0] += 0.5
    assert rate.wait("a") == 0


def test_tokens_are_told_once_and_end_when_they_are_removed(door):
    client, _ = set_up(door)
    door.served.run(20.0)
    told = client.post(f"{V1}/tokens", json={"name": "evcc", "role": "read"}).json()["token"]
    program = door.client(told)
    assert program.get(f"{V1}/readings").status_code == 200
    assert told not in client.get(f"{V1}/users").text
    assert client.ask("DELETE", f"{V1}/tokens/evcc").status_code == 200
    assert program.get(f"{V1}/readings").status_code == 401
    assert client.ask("DELETE", f"{V1}/tokens/evcc").status_code == 404


def test_users_are_made_changed_and_removed_but_one_who_may_install_stays(door):
    client, _ = set_up(door)
    assert client.ask("PUT", f"{V1}/users/ben", json={"role": "read", "password": WORDS}).status_code == 200
    ben = door.client()
    ben.post(f"{V1}/login", json={"name": "ben", "password": WORDS})
    assert ben.get(f"{V1}/me").json()["role"] == "read"
    client.ask("PUT", f"{V1}/users/ben", json={"role": "operate", "password": WORDS + "2"})
    assert ben.get(f"{V1}/me").json()["name"] is None
    assert client.ask("DELETE", f"{V1}/users/anna").status_code == 422
    assert client.ask("PUT", f"{V1}/users/anna", json={"role": "read", "password": WORDS}).status_code == 422
    assert client.ask("DELETE", f"{V1}/users/ben").status_code == 200
    assert [each["what"] for each in client.get(f"{V1}/audit").json()] == [
        "user ben is removed", "user ben may operate", "user ben may read", "set the site up, may install",
    ]  # fmt: skip


def test_what_is_refused_is_in_no_audit_log_and_what_fails_is_said_to_have_failed(door, tmp_path):
    client, _ = set_up(door)
    assert client.ask("DELETE", f"{V1}/tokens/nobody").status_code == 404
    assert client.post(f"{V1}/tokens", json={"name": " ", "role": "read"}).status_code == 422
    assert len(door.house.history.audits()) == 1
    (tmp_path / "secrets.json.new").mkdir()  # where the new file would be written
    answer = client.ask("PUT", f"{V1}/users/ben", json={"role": "install", "password": WORDS})
    assert (answer.status_code, "cannot be written" in answer.json()["detail"]) == (503, True)
    assert [*door.access.names("users")] == ["anna"]
    failed, before, _ = (each["what"] for each in door.house.history.audits())
    assert before == "user ben may install"
    assert failed.startswith("not done: user ben may install: ")


def test_nothing_is_changed_when_the_audit_log_cannot_be_written(door):
    client, _ = set_up(door)
    door.recorder.close()
    assert client.post(f"{V1}/tokens", json={"name": "t", "role": "read"}).status_code == 503
    assert dict(door.access.names("tokens")) == {}


def test_a_password_of_before_still_counts_and_is_hashed_anew_when_it_is_used(tmp_path):
    salt = bytes(range(16))
    old = hashlib.scrypt(WORDS.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=64 << 20).hex()
    file = tmp_path / "secrets.json"
    anna = {"role": "install", "password": f"{salt.hex()}${old}"}
    file.write_text(json.dumps({"users": {"anna": anna}, "tokens": {}, "sessions": {}}))
    file.chmod(0o600)
    access = Access(file)
    with pytest.raises(Denied):
        access.login("anna", WORDS + "x", 0.0)
    assert json.loads(file.read_text())["users"]["anna"] == anna
    before = access.login("anna", WORDS, 0.0)
    assert json.loads(file.read_text())["users"]["anna"]["password"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Access(file).login("anna", WORDS, 1.0)
    assert Access(file).session(before, 1.0) is not None  # his sessions go on


def test_secrets_are_in_a_file_of_their_owner_and_not_to_be_read_from_it(door, tmp_path):
    set_up(door)
    token = door.access.new_token("evcc", "read")
    file = tmp_path / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert WORDS not in file.read_text()
    assert token not in file.read_text()
    again = Access(file)
    assert (again.code, again.token(token).name) == ("", "evcc")
    with pytest.raises(Denied):
        again.set_up("", "eve", WORDS)


def test_a_file_that_others_can_read_or_that_is_none_is_refused_at_the_start(tmp_path):
    file = tmp_path / "secrets.json"
    Access(file).add("anna", "install", WORDS)
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        Access(file)
    file.chmod(0o600)
    file.write_text(json.dumps([1, 2]))
    with pytest.raises(ConfigurationError, match="users, tokens and sessions"):
        Access(file)


def test_answers_tell_browsers_to_load_nothing_from_elsewhere(door):
    headers = door.client().get("/health").headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_a_request_that_is_too_long_or_does_not_say_how_long_is_refused(door):
    client = door.client()
    assert client.post(f"{V1}/login", content=b"x" * 70_000).status_code == 413
    assert client.post(f"{V1}/login", headers={"transfer-encoding": "chunked"}).status_code == 413


def test_a_code_has_no_letters_that_are_mistaken():
    from controller.service.access import new_code

    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}", code) for code in codes)


def test_the_frame_of_the_pages_tells_nothing_of_the_house(door):
    stranger = door.client()
    assert "Haus am See" not in stranger.get("/").text
    assert stranger.get("/").headers["content-type"].startswith("text/html")
    assert stranger.get("/app.js").headers["content-type"].startswith("text/javascript")
    assert stranger.get("/secrets.json").status_code == stranger.get("/..%2faccess.py").status_code == 404
