"""The pages in a real browser: headless Chromium by its debugging pipe, a house in virtual time behind a socket."""

import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.base import AXE_SCRIPT

from controller.sitefile import load
from rigs.web import Beside, Server, bound

PAGES = ("live", "devices", "charging", "plan", "history", "signals", "events", "installation", "find", "access")
WORDS = "ein langes Wort"


class Tab:
    """One page of Chromium without a network but our own server. `problems`: what it complained about."""

    def __init__(self, program: str, folder: Path) -> None:
        to_child, self._out = os.pipe()
        self._in, from_child = os.pipe()
        self._waiting, self._number = b"", 0
        self.problems: list[str] = []
        self.requests: list[str] = []
        # Chromium reads from descriptor 3 and writes to 4, each message ends with a null byte
        shell = f'exec "$0" "$@" 3<&{to_child} 4>&{from_child}'
        command = [
            "bash", "-c", shell, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={folder}",
            "--accept-lang=de", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, pass_fds=(to_child, from_child), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_child)
        os.close(from_child)
        self._session = ""
        pages = self.do("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in pages if each["type"] == "page")
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol."""
        self._number += 1
        told = {"id": self._number, "method": method, "params": parameters}
        os.write(self._out, json.dumps(told | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, message
                found: dict[str, Any] = message["result"]
                return found

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._waiting:
            more = os.read(self._in, 1 << 16)
            assert more, "Chromium has gone"
            self._waiting += more
        text, _, self._waiting = self._waiting.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        parameters = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.problems.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.problems.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
        return message

    def js(self, script: str) -> Any:
        """What a script comes to."""
        told = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def until(self, script: str, within: float = 15.0) -> Any:
        """The value of a script once it is true."""
        end = time.monotonic() + within
        while not (found := self.js(script)):
            assert time.monotonic() < end, f"{script} did not become true: {self.js('document.body.innerText')[:600]}"
        return found

    def size(self, width: int, height: int = 900) -> None:
        self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def key(self, name: str, code: int) -> None:
        for kind in ("rawKeyDown", "char", "keyUp") if name == "Enter" else ("keyDown", "keyUp"):
            self.do(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                windowsVirtualKeyCode=code,
                **({"text": "\r"} if kind == "char" else {}),
            )

    def write(self, text: str) -> None:
        self.do("Input.insertText", text=text)

    def picture(self, file: Path) -> None:
        file.write_bytes(b64decode(self.do("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)


@pytest.fixture
def tab(tmp_path: Path, where: str) -> Iterator[Tab]:
    """A browser that is gone before the server is."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("headless Chromium is missing, the pages were not looked at: apt-get install chromium")
    with closing(Tab(program, tmp_path / "profile")) as made:
        yield made


@pytest.fixture
def where(door) -> Iterator[str]:
    """A house at noon with ten minutes of history, at an address."""
    door.served.run(600.0, each=5.0)
    door.recorder.work()
    gate = bound("127.0.0.1:0")
    beside = Beside(Server(door.app), gate)
    yield f"http://127.0.0.1:{gate.getsockname()[1]}/"
    beside.stop()


def ready(tab: Tab, page: str) -> None:
    tab.until(f"document.getElementById('main')?.dataset.ready === '{page}'")


def log_in(tab: Tab, where: str, door: Any) -> None:
    door.access.add("anna", "install", WORDS)
    door.access.code = ""
    tab.do("Page.navigate", url=where)
    ready(tab, "enter")
    tab.js(AXE_SCRIPT)
    looked_at(tab, "enter")
    tab.js(f"document.getElementById('name').value = 'anna', document.getElementById('password').value = '{WORDS}'")
    tab.js("document.querySelector('form button').click()")
    ready(tab, "live")


def go(tab: Tab, page: str) -> None:
    tab.js(f"location.hash = '{page}'")
    ready(tab, "devices" if page.startswith("device/") else page)


LOOK = """
axe.run(document, {resultTypes: ['violations']}).then(({violations, passes}) => ({
  rules: passes.map(each => each.id),
  bad: violations.filter(each => ['serious', 'critical'].includes(each.impact))
    .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 120)} ${node.failureSummary}`)),
}))
"""
"""What axe-core finds that keeps somebody out (names, roles, contrast …), and which rules had something to see."""


def looked_at(tab: Tab, page: str) -> None:
    found = tab.js(LOOK)
    assert found["bad"] == [], page
    assert {"color-contrast", "html-has-lang", "link-name" if page != "enter" else "label"} <= {*found["rules"]}, page


def test_every_page_shows_its_house_fits_and_keeps_nobody_out(tab, where, door, tmp_path):
    log_in(tab, where, door)
    told = {}
    for page in (*PAGES, "device/roof"):
        go(tab, page)
        told[page] = tab.js("document.getElementById('main').innerText")
        assert tab.js("document.querySelectorAll('h1').length") == 1
        for width, theme in ((360, "light"), (360, "dark"), (768, "light"), (1920, "light"), (1920, "dark")):
            tab.size(width)
            tab.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
            assert tab.js("document.documentElement.scrollWidth") <= width, page
            looked_at(tab, page)
        tab.size(768)
        tab.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        tab.picture(tmp_path / f"{page.replace('/', '-')}.png")  # for docs/pages: make pictures
    assert "kein Auto ist eingesteckt" in told["charging"]
    assert "Alles" not in told["plan"]
    assert "SMA STP 8.0" in told["device/roof"]
    assert "Zeile der Liste" in told["installation"]
    assert "Die Kette der Prüfsummen hält." in told["signals"]
    assert "kWh" in told["history"]
    assert "online: SMA STP 8.0" in told["events"]
    assert {each for each in tab.requests if not each.startswith((where, "data:", "about:"))} == set()
    assert tab.problems == []


def test_live_values_follow_the_house_and_the_language_changes(tab, where, door):
    tab.size(360)
    log_in(tab, where, door)
    flows = "document.querySelector('[data-flows]').getAttribute('aria-label')"
    assert tab.until(flows).startswith("Sonne ")
    door.served.home.built["operator"].main.twin.set("k4", True)
    door.served.run(30.0)
    roof = "document.querySelector('[data-device=roof]').innerText"
    tab.until(f"{roof}.includes('Rundsteuerung')")
    assert "höchstens 0 W" in tab.js(roof)
    tab.js("document.getElementById('language').value = 'en'")
    tab.js("document.getElementById('language').dispatchEvent(new Event('change'))")
    tab.until(f"{flows}.startsWith('Sun ')")
    assert tab.js("document.documentElement.lang") == "en"
    go(tab, "charging")
    tab.js("document.getElementById('mode-wallbox').value = 'fast'")
    tab.js("document.getElementById('mode-wallbox').dispatchEvent(new Event('change'))")
    settings = "fetch('api/v1/settings').then(each => each.json())"
    tab.until(f"{settings}.then(each => 'device.wallbox.charging.mode' in each.now)")
    assert door.served.home.hem.strategy.site.device[2].charging.mode == "fast"
    tab.js("document.getElementById('theme').click()")
    assert tab.js("document.documentElement.dataset.theme") in ("dark", "light")
    assert tab.problems == []


def reach(tab: Tab, what: str) -> None:
    """Press Tab until something has the focus, and see that it shows."""
    for _ in range(60):
        tab.key("Tab", 9)
        if tab.js(f"document.activeElement.matches({json.dumps(what)})"):
            assert tab.js("getComputedStyle(document.activeElement).outlineStyle") != "none", what
            return
    pytest.fail(f"{what} is not reached by the keyboard")


def test_the_house_is_set_up_and_a_car_is_commanded_with_the_keyboard_alone(tab, where, door):
    tab.size(1024)
    tab.do("Page.navigate", url=where)
    ready(tab, "enter")
    for field, text in (("#code", door.code), ("#name", "anna"), ("#password", WORDS)):
        reach(tab, field)
        tab.write(text)
    tab.key("Enter", 13)
    ready(tab, "live")
    assert door.access.names("users") == {"anna": "install"}
    reach(tab, "a[href='#charging']")
    tab.key("Enter", 13)
    ready(tab, "charging")
    reach(tab, "#mode-wallbox")
    tab.key("ArrowDown", 40)
    tab.until(
        "fetch('api/v1/settings').then(each => each.json()).then(each => each.now['device.wallbox.charging.mode'])"
    )
    assert door.served.home.hem.strategy.site.device[2].charging.mode == "fast"
    reach(tab, "[data-command=pause]")
    tab.key("Enter", 13)
    end = time.monotonic() + 10
    while not door.served.home.hem.strategy.wishes and time.monotonic() < end:
        tab.js("0")
    (claim,) = door.served.home.hem.strategy.wishes.values()
    assert (claim.device, claim.aspect, claim.value) == ("wallbox", "current", 0.0)
    assert tab.problems == []


def test_devices_are_found_and_written_with_the_keyboard_alone(tab, where, door, emulated, tmp_path):
    tab.size(360)
    log_in(tab, where, door)
    go(tab, "find")
    with emulated((13, "modbus-tcp"), (96, "modbus-tcp")) as (inverter, wallbox):
        reach(tab, "#where")
        tab.write(f"{inverter} {wallbox}")
        tab.key("Enter", 13)
        tab.until("document.querySelector('#main [role=status]').innerText === 'Gefunden: 2'", 40.0)
        looked_at(tab, "find")
        refused = tab.js("document.querySelector('[data-found=\"96\"]').innerText")
        assert "So nicht: Zeile 96 braucht HEM-Firmware 3.1.0, dies ist 3.0.0" in refused
        assert tab.js("document.querySelector('[data-found=\"96\"] [type=checkbox]').checked") is False
        reach(tab, "[data-command=check]")
        tab.key("Enter", 13)
        tab.until("document.querySelector('pre')?.innerText.includes('Piko IQ 4.2')")
        assert not door.site_file.exists()
        tab.size(768)
        tab.picture(tmp_path / "find.png")
        reach(tab, "[data-command=write]")
        tab.key("Enter", 13)
        tab.until("document.querySelector('.card [role=status]')?.innerText.includes('gilt ab dem nächsten Start')")
    (device,) = load(door.site_file).device
    assert (device.name, device.row, device.model) == ("pv", 13, "Piko IQ 4.2")
    assert door.house.history.audits()[0]["what"] == "site file: pv"
    assert tab.problems == []


def test_names_that_look_like_markup_are_text(tab, where, door):
    log_in(tab, where, door)
    door.served.home.hem.note("<img src=x onerror=alert(1)>", "<script>alert(2)</script>")
    door.served.run(15.0)
    door.recorder.work()
    go(tab, "events")
    assert "<script>alert(2)</script>" in tab.js("document.getElementById('main').innerText")
    assert tab.js("document.querySelectorAll('#main img, #main script').length") == 0
