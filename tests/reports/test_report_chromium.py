"""The report in a real browser: headless Chromium opens it from disk, and nothing goes out to a network."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reports import balance


@pytest.fixture
def browser(tmp_path: Path) -> "Browser":
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("headless Chromium is missing, the report was not looked at: apt-get install chromium")
    return Browser(program, tmp_path)


class Browser:
    """Chromium without a network. `requests`: what the last page asked for, Chromium's own errands left out."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._profile, self._log = program, folder / "profile", folder / "net.json"
        self.requests: list[str] = []

    def page(self, path: Path, fragment: str = "") -> str:
        """The page as it stands once its script has run."""
        told = subprocess.run(
            [
                self._program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND", f"--log-net-log={self._log}",
                f"--user-data-dir={self._profile}", "--virtual-time-budget=3000", "--dump-dom",
                path.as_uri() + fragment,
            ],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        self.requests = re.findall(r'"initiator":"null"[^\n]*?"url":"([^"]+)"', self._log.read_text())
        return told.stdout


def shown(page: str, view: str) -> list[str]:
    """Rows that are not hidden in one of the matrices, as row and protocol."""
    start = page.index(f'data-view="{view}"')
    end = page.find("data-view=", start + 10)
    rows = re.findall(r"<tr data-row[^>]*>", page[start:end])
    kept = [row for row in rows if "hidden" not in row]
    return [re.sub(r'.*data-row="(\d+)".*data-protocol="([^"]+)".*', r"\1 \2", row) for row in kept]


def test_a_page_that_asks_for_something_would_be_noticed(tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="https://fonts.googleapis.com/x.png">')
    browser.page(page)
    assert browser.requests == ["https://fonts.googleapis.com/x.png"]


def test_the_matrix_stands_and_nothing_is_asked_of_a_network(report: Path, browser: Browser) -> None:
    page = browser.page(report / "index.html")
    assert len(shown(page, "levels")) == 11
    assert '<b id="shown">11</b>' in page
    assert '<html lang="en"' in page
    assert 'data-ready="yes"' in page
    assert not browser.requests


def test_filters_and_language_come_from_the_link(report: Path, browser: Browser) -> None:
    index = report / "index.html"
    page = browser.page(index, "#lang=de&verdict=fail&section=battery-inverter&view=stories")
    assert '<html lang="de"' in page
    assert shown(page, "levels") == shown(page, "stories") == ["53 modbus-rtu"]
    assert re.search(r'data-view="levels"[^>]* hidden', page)
    assert not re.search(r'data-view="stories"[^>]* hidden', page)
    assert ">nicht bestanden</option>" in page
    assert not browser.requests


def test_a_level_narrows_the_verdicts_that_are_looked_for(report: Path, browser: Browser) -> None:
    index = report / "index.html"
    assert shown(browser.page(index, "#verdict=refused&level=2.0.0"), "levels") == [
        "3 modbus-tcp", "64 modbus-tcp", "64 modbus-rtu",
    ]  # fmt: skip
    assert shown(browser.page(index, "#verdict=refused&level=3.1.0"), "levels") == []
    assert shown(browser.page(index, "#evidence=assumed&search=Tripower"), "levels") == ["41 modbus-tcp"]


def test_frames_are_loaded_from_disk_when_a_case_is_opened(report: Path, browser: Browser) -> None:
    row = report / "rows" / "row-053.html"
    assert browser.page(row).count("000100000007030404fffffc56") == 1  # that of the case that failed
    page = browser.page(row, "#modbus-tcp-sh5-0rt-identify")
    assert "     0.002 → #1 unit 3: read input registers 30051..30052 (2)  <b>000100000006030475630002</b>" in page
    assert page.count("000100000007030404fffffc56") == 2


def test_a_cursor_over_a_plot_tells_the_time_and_the_values(tmp_path: Path, browser: Browser) -> None:
    time = [1_750_370_400.0 + 600.0 * step for step in range(12)]
    figures = {"time": time, "load": [300.0] * 12, "grid": [-938.5] * 12}
    house = {"site": "Haus", "series": figures, "functions": {}, "devices": {}}
    index = balance.write(house, tmp_path / "house")
    move = "document.querySelector('figure[data-left]').dispatchEvent(new MouseEvent('mousemove', {clientX: 300}))"
    index.write_text(index.read_text().replace("</body>", f"<script>{move}</script></body>"))
    told = re.search(r'<div class="told"[^>]*>([^<]+)<', browser.page(index))
    assert told is not None
    assert told[1].splitlines()[1:] == ["Household 300 W", "Grid -938.5 W"]
    assert told[1].startswith("2025-06-20 0")


def test_the_list_and_a_row_open_from_disk(report: Path, browser: Browser) -> None:
    assert '<html lang="de"' in browser.page(report / "list.html")
    page = browser.page(report / "rows" / "row-053.html", "#modbus-tcp-sh5-0rt-identify")
    assert re.search(r'<details id="modbus-tcp-sh5-0rt-identify" open', page)
    assert not browser.requests
