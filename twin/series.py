"""What the world gives a site over time, precomputed: sun, household load, hot water, the car's comings and goings.

Each series is a numpy computation with a seed, done once; a site then only steps through it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from twin.steps import Series, Trip

Floats = NDArray[np.float64]
DAY = 86_400
LOCAL = ZoneInfo("Europe/Berlin")


def series(start: float, step: float, values: Sequence[float] | Floats) -> Series:
    return Series(start, step, tuple(float(value) for value in values))


@dataclass(frozen=True, slots=True)
class Array:
    """A PV array at a place. `tilt` 0 is flat, `azimuth` 180 looks south; `losses` from module to DC terminal."""

    peak_power: float  # W
    tilt: float = 30.0
    azimuth: float = 180.0
    latitude: float = 52.5
    longitude: float = 13.4
    altitude: float = 40.0
    cloudiness: float = 0.3  # mean share of the sun that clouds take
    losses: float = 0.10


def sun(array: Array, start: float, days: float, seed: int, step: float = 60.0) -> Series:
    """What an array offers in W. Clear sky after Ineichen and Perez with pvlib's turbidity, clouds by `seed`."""
    times: Floats = start + np.arange(round(days * DAY / step), dtype=np.float64) * step + step / 2
    irradiance = _irradiance(array, times)
    share = 1 - _clouds(times, array.cloudiness, seed)
    watts = array.peak_power * irradiance / 1000 * share * (1 - array.losses)
    return series(start, step, np.round(watts, 3))


def _irradiance(array: Array, times: Floats) -> Floats:
    """W/m2 in the plane of the array under a clear sky."""
    from pvlib import atmosphere, clearsky, irradiance, spa

    first = datetime.fromtimestamp(float(times[0]), UTC)
    pressure = atmosphere.alt2pres(array.altitude)
    deltat = spa.calculate_deltat(first.year, first.month)
    angles: Any = spa.solar_position_numpy(
        times, array.latitude, array.longitude, array.altitude, pressure / 100, 12.0, deltat, 0.5667, 1
    )
    up = angles[0] < 89.5  # the models divide by the sun's height
    zenith, azimuth, shining = angles[0][up], angles[4][up], times[up]
    days = ((shining - datetime(first.year, 1, 1, tzinfo=UTC).timestamp()) // DAY).astype(int) % 365 + 1
    extra = irradiance.get_extra_radiation(days)
    airmass = atmosphere.get_absolute_airmass(atmosphere.get_relative_airmass(zenith), pressure)
    sky = clearsky.ineichen(zenith, airmass, _turbidity(array, shining), array.altitude, extra)
    plane = irradiance.get_total_irradiance(
        array.tilt, array.azimuth, zenith, azimuth, sky["dni"], sky["ghi"], sky["dhi"], extra, model="haydavies"
    )
    result = np.zeros(len(times))
    result[up] = np.maximum(np.asarray(plane["poa_global"], dtype=float), 0.0)
    return result


def _turbidity(array: Array, times: Floats) -> Floats:
    """Linke turbidity of each instant, between the monthly means of pvlib's table."""
    import pandas as pd
    from pvlib import clearsky

    first = datetime.fromtimestamp(float(times[0]), UTC)
    middles = pd.DatetimeIndex([datetime(first.year, month, 15, tzinfo=UTC) for month in range(1, 13)])
    table = clearsky.lookup_linke_turbidity(middles, array.latitude, array.longitude, interp_turbidity=False)
    year = 365.25 * DAY
    result: Floats = np.interp(times, [each.timestamp() for each in middles], np.asarray(table), period=year)
    return result


def _clouds(times: Floats, mean: float, seed: int) -> Floats:
    """Share of the sun that clouds take, 0 to 0.9: a day's weather, and fields of cumulus that drift through it."""
    if mean <= 0:
        return np.zeros(len(times))
    noise = np.random.default_rng(seed)
    weather = _smooth(noise, times, 6 * 3600)
    fields = _smooth(noise, times, 600)
    return np.clip(mean + 0.35 * weather + 0.25 * fields * min(mean * 3, 1.0), 0.0, 0.9)


def _smooth(noise: np.random.Generator, times: Floats, span: float) -> Floats:
    """Unit noise with a correlation of `span` seconds."""
    knots = np.arange(times[0] - span, times[-1] + 2 * span, span)
    result: Floats = np.interp(times, knots, noise.standard_normal(len(knots)))
    return result


def household(annual_energy: float, start: float, days: float, seed: int, step: float = 60.0) -> Series:
    """Household load in W: BDEW profile H0, dynamised, scaled to `annual_energy` in Wh, with appliances by `seed`."""
    quarters = np.arange(round(days * 96) + 2) * 900.0 + start - start % 900
    table = _h0()
    moments = [datetime.fromtimestamp(float(time), LOCAL) for time in quarters]
    shape = np.array([_quarter(table, each) for each in moments]) / _year_sum(table, moments[0].year)
    smooth = annual_energy * shape * 4  # W of each quarter-hour
    times = start + np.arange(round(days * DAY / step)) * step
    base = smooth[((times - quarters[0]) // 900).astype(int)]
    noise = np.random.default_rng(seed)
    # One household is no sum of thousands: a share of the energy comes in bursts of some minutes.
    bursts = noise.gamma(0.25, 4.0, len(times) // 5 + 1).repeat(5)[: len(times)]
    return series(start, step, np.round(base * (0.45 + 0.55 * bursts), 3))


def _h0() -> Floats:
    """The H0 profile of demandlib's table: [season, weekday from Monday, quarter-hour]; winter, summer, transition."""
    import csv
    from importlib.resources import files

    text = files("demandlib.bdew").joinpath("bdew_data", "selp_series.csv").read_text(encoding="utf-8")
    table: Floats = np.zeros((3, 7, 96))
    filled: dict[tuple[int, int], int] = {}
    for row in csv.DictReader(text.splitlines()):
        key = SEASONS.index(row["period"]), int(row["weekday"]) - 1
        quarter = filled.get(key, 0)
        table[(*key, quarter)] = float(row["h0"])
        filled[key] = quarter + 1
    return table


SEASONS = ("winter", "summer", "transition")


def _season(month: int, day: int) -> int:
    """BDEW: summer 15 May to 14 September, winter 1 November to 20 March, transition between."""
    if (5, 15) <= (month, day) <= (9, 14):
        return 1
    return 0 if (month, day) >= (11, 1) or (month, day) <= (3, 20) else 2


def _dynamic(day: int) -> float:
    """BDEW's dynamisation of H0 by day of the year."""
    return float(-3.92e-10 * day**4 + 3.2e-7 * day**3 - 7.02e-5 * day**2 + 2.1e-3 * day + 1.24)


def _quarter(table: Floats, moment: datetime) -> float:
    season, quarter = _season(moment.month, moment.day), moment.hour * 4 + moment.minute // 15
    return float(table[season, moment.weekday(), quarter]) * _dynamic(moment.timetuple().tm_yday)


def _year_sum(table: Floats, year: int) -> float:
    """Sum of the profile over the quarter-hours of a year."""
    days = (datetime(year, 1, 1, tzinfo=LOCAL) + timedelta(days=each) for each in range(365))
    sums = table.sum(axis=2)
    return float(sum(sums[_season(d.month, d.day), d.weekday()] * _dynamic(d.timetuple().tm_yday) for d in days))


def hot_water(daily_energy: float, start: float, days: float, seed: int, step: float = 60.0) -> Series:
    """Heat drawn from a tank in W: some draws a day, most in the morning and the evening, `daily_energy` Wh a day."""
    noise = np.random.default_rng(seed)
    values = np.zeros(round(days * DAY / step))
    first = datetime.fromtimestamp(start, LOCAL).replace(hour=0, minute=0, second=0)
    for day in range(int(days) + 1):
        midnight = (first + timedelta(days=day)).timestamp()
        hours = np.concatenate([noise.normal(7, 0.7, 4), noise.uniform(9, 17, 3), noise.normal(19.5, 1.2, 4)])
        shares = noise.dirichlet(np.full(len(hours), 2.0))
        for hour, share in zip(hours, shares, strict=True):
            place = int((midnight + hour * 3600 - start) // step)
            long = max(int(300 // step), 1)  # a draw takes five minutes
            if 0 <= place < len(values) - long:
                values[place : place + long] += share * daily_energy * 3600 / (long * step)
    return series(start, step, np.round(values, 3))


def commuting(start: float, days: int, seed: int, daily_energy: float = 8_000.0) -> tuple[Trip, ...]:
    """A car that leaves in the morning of working days and comes home in the afternoon, with `daily_energy` missing."""
    noise = np.random.default_rng(seed)
    first = datetime.fromtimestamp(start, LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    trips: list[Trip] = []
    for number in range(days):
        day = first + timedelta(days=number)
        arrives = (day + timedelta(hours=float(noise.normal(17, 0.5)))).timestamp()
        leaves = (day + timedelta(days=1, hours=float(noise.normal(7.5, 0.3)))).timestamp()
        energy = float(noise.gamma(4.0, daily_energy / 4))
        if day.weekday() < 5:
            trips.append(Trip(round(arrives), round(leaves), round(energy)))
    return tuple(trips)
