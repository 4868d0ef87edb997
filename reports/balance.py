"""A simulated house on paper: energy balance, rates, and plots of a run of `hem simulate`.

`write` takes what `rigs.home.Home.result` gives: energies in Wh, `functions` (device -> pv, battery, charger,
heater, ...) and `series` of one length, `time` in s UTC, powers in W with the signs of the house, `*_soc` in %.
What a person reads is local time of `time_zone`, and says so.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from reports import prepare
from reports.files import save
from reports.html import render

LOCAL = "Europe/Berlin"
POINTS = 1500  # of a line; more is not seen
MIDNIGHT = pd.Timestamp("00:00").time()
COLOURS = {
    "pv": "#e0a100",
    "load": "#555b66",
    "grid": "#c23b3b",
    "battery": "#2f9e58",
    "charger": "#2a78d0",
    "heater": "#8e57c9",
}
NAMES = {
    "pv": "PV",
    "load": "Household",
    "grid": "Grid",
    "battery": "Battery",
    "charger": "Charging",
    "heater": "Heating rod",
}
ENERGIES = ("generated", "imported", "exported", "consumed", "charged", "discharged", "stored", "turnover", "residual")


@dataclass(frozen=True)
class Drawn:
    """A picture over time, and where in its width the axis begins and ends."""

    svg: str
    left: float
    right: float


def write(result: Mapping[str, Any], out: Path) -> Path:
    """balance.json, series.csv, power.svg, soc.svg, days.svg and index.html; the path of the last."""
    prepare(out)
    zone = result.get("time_zone", LOCAL)
    table = series(result)
    balance = {name: value for name, value in result.items() if name not in ("series", "events")}
    save(json.dumps(balance, ensure_ascii=False, indent=1) + "\n", out / "balance.json")
    save(table.to_csv(date_format="%Y-%m-%dT%H:%M:%S%z", float_format="%.6g"), out / "series.csv")
    daily = days(table)
    drawn = {"power": power(table), "soc": charge(table), "days": bars(daily)}
    pictures = {name: picture for name, picture in drawn.items() if picture is not None}
    for name, picture in pictures.items():
        save(picture.svg, out / f"{name}.svg")
    page = render(
        "house.html",
        result=result,
        rates=[
            ("Self-consumption", _percent(result.get("self_consumption"))),
            ("Autarky", _percent(result.get("autarky"))),
        ],
        energies=[(name, result[name] / 1000) for name in ENERGIES if name in result],
        losses=[(name, value / 1000) for name, value in result.get("losses", {}).items()],
        devices=[(name, into / 1000, outof / 1000) for name, (into, outof) in result.get("devices", {}).items()],
        colours=[(name, NAMES[name], colour) for name, colour in COLOURS.items() if name in table],
        daily=[(str(day), [round(float(value), 2) for value in row]) for day, row in zip(*_rows(daily), strict=True)],
        columns=list(daily.columns),
        pictures=pictures,
        markup=lambda picture: Markup(picture.svg[picture.svg.find("<svg") :]),
        looked_at=looked_at(table),
        zone=zone,
        departures=result.get("departures", 0),
        missed=[(each["local"], each["charger"], each["missing"] / 1000) for each in result.get("missed", ())],
        events=[(_clock(at, zone), device, what) for at, device, what in list(result.get("events", ()))[:200]],
        events_more=max(len(result.get("events", ())) - 200, 0) + result.get("events_before", 0),
    )
    save(page, out / "index.html")
    return out / "index.html"


def series(result: Mapping[str, Any]) -> pd.DataFrame:
    """Powers by function in W and state of charge in %, over local time. The PV of hybrids counts as PV."""
    raw = pd.DataFrame(dict(result["series"]))
    raw.index = pd.to_datetime(raw.pop("time"), unit="s", utc=True).dt.tz_convert(result.get("time_zone", LOCAL))
    raw.index.name = "time"
    functions = result.get("functions", {})
    table = pd.DataFrame(index=raw.index)
    for column in raw:
        name = str(column)
        stem, _, tail = name.rpartition("_")
        if tail == "soc" and stem in functions:
            table[f"soc {stem}"] = raw[column]
            continue
        if name in ("load", "grid"):  # of the house, whatever a device is called
            function = name
        else:
            function = "pv" if tail == "pv" and stem in functions else functions.get(name, name)
        if function in COLOURS:
            table[function] = table[function] + raw[column] if function in table else raw[column]
    return table


def days(table: pd.DataFrame) -> pd.DataFrame:
    """Energy in kWh of each local day by what it was. A last sample at midnight ends the day before it."""
    if len(table) > 1 and pd.DatetimeIndex(table.index)[-1].time() == MIDNIGHT:
        table = table.iloc[:-1]
    index = pd.DatetimeIndex(table.index)
    step = pd.Timedelta(index[1] - index[0]) / pd.Timedelta(hours=1) if len(index) > 1 else 0.0
    flows: dict[str, Any] = {}
    for name in ("pv", "load", "charger", "heater"):
        if name in table:
            flows[NAMES[name]] = table[name].abs()
    if "grid" in table:
        flows |= {"Import": table["grid"].clip(lower=0), "Export": (-table["grid"]).clip(lower=0)}
    if "battery" in table:
        flows |= {"Discharged": table["battery"].clip(lower=0), "Charged": (-table["battery"]).clip(lower=0)}
    return pd.DataFrame(flows).groupby(index.date).sum() * step / 1000


def looked_at(table: pd.DataFrame) -> dict[str, Any]:
    """What a cursor over the plots shows: local times, and by column the values of the thinned series."""
    thin = _thin(table)
    times = pd.DatetimeIndex(thin.index)
    columns = {str(name): [None if pd.isna(each) else round(float(each), 1) for each in thin[name]] for name in thin}
    words = {name: NAMES.get(name, name.removeprefix("soc ")) for name in columns}
    units = {name: "%" if name.startswith("soc ") else "W" for name in columns}
    return {
        "times": [each.isoformat(" ", "minutes") for each in times], "order": list(columns), "columns": columns,
        "words": words, "units": units,
    }  # fmt: skip


def power(table: pd.DataFrame) -> Drawn:
    """All powers over time as SVG."""
    thin = _thin(table)
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, colour in COLOURS.items():
        if name not in thin:
            continue
        if name == "pv":
            axes.fill_between(thin.index, thin[name] / 1000, color=colour, alpha=0.25, linewidth=0)
        axes.plot(thin.index, thin[name] / 1000, color=colour, linewidth=1)
    axes.axhline(0, color="#888", linewidth=0.8)
    axes.set_ylabel("kW")
    return _svg(figure, axes, thin.index)


def charge(table: pd.DataFrame) -> Drawn | None:
    """State of charge over time as SVG; None without a battery."""
    columns = [column for column in table if str(column).startswith("soc ")]
    if not columns:
        return None
    thin = _thin(table)
    figure = Figure(figsize=(13, 2), layout="constrained")
    axes = figure.subplots()
    for column in columns:
        axes.plot(thin.index, thin[column], color=COLOURS["battery"], linewidth=1.2)
    axes.set_ylim(0, 100)
    axes.set_ylabel("%")
    return _svg(figure, axes, thin.index)


def bars(daily: pd.DataFrame) -> Drawn | None:
    """What came in (up) and went out (down) each day, as SVG; None for less than two days."""
    if len(daily) < 2:
        return None
    figure = Figure(figsize=(13, 2.6), layout="constrained")
    axes = figure.subplots()
    places = range(len(daily))
    groups = (
        (1, (("PV", "pv"), ("Import", "grid"), ("Discharged", "battery"))),
        (-1, (("Household", "load"), ("Charging", "charger"), ("Heating rod", "heater"), ("Charged", "battery"))),
    )
    for sign, stack in groups:
        base = pd.Series(0.0, index=daily.index)
        for column, name in stack:
            if column in daily:
                axes.bar(places, sign * daily[column], bottom=base, width=0.6, color=COLOURS[name])
                base = base + sign * daily[column]
        if sign < 0 and "Export" in daily:
            axes.bar(places, -daily["Export"], bottom=base, width=0.6, color="#e9a3a3")
    axes.axhline(0, color="#888", linewidth=0.8)
    axes.set_xticks(list(places), [str(day)[5:] for day in daily.index])
    axes.set_ylabel("kWh")
    return _svg(figure)


def _thin(table: pd.DataFrame) -> pd.DataFrame:
    """Means over as many samples as no eye can tell apart."""
    every = -(-len(table) // POINTS)
    if every <= 1:
        return table
    groups = [place // every for place in range(len(table))]
    means = table.groupby(groups).mean()
    means.index = table.index[::every]
    return means


def _svg(figure: Figure, axes: Any = None, times: Any = None) -> Drawn:
    """The same bytes for the same figure: no date, fixed ids, letters as text. `times`: of a time axis, local."""
    if axes is not None:
        zone = times.tz
        ticks: Any = AutoDateLocator  # Any: matplotlib is half typed
        labels: Any = ConciseDateFormatter
        locator = ticks(tz=zone)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(labels(locator, tz=zone))
        axes.margins(x=0)
    figure.axes[0].grid(alpha=0.3)
    figure.axes[0].spines[["top", "right"]].set_visible(False)
    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "hemtwin", "svg.fonttype": "none", "font.size": 9}):
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(text, metadata={"Date": None})
    place = figure.axes[0].get_position()
    return Drawn(text.getvalue(), round(float(place.x0), 5), round(float(place.x1), 5))


def _rows(daily: pd.DataFrame) -> tuple[list[Any], list[Any]]:
    return list(daily.index), [list(row) for row in daily.to_numpy()]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _clock(at: float, zone: str) -> str:
    return pd.Timestamp(at, unit="s", tz="UTC").tz_convert(zone).isoformat(" ", "seconds")
