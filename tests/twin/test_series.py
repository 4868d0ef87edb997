"""What the world gives a house: plausible in size, the same for the same seed."""

from datetime import UTC, datetime

import pytest

from twin.series import Array, commuting, hot_water, household, sun
from twin.steps import Series, constant

JUNE = datetime(2025, 6, 15, 22, tzinfo=UTC).timestamp()  # midnight in Berlin
NEW_YEAR = datetime(2024, 12, 31, 23, tzinfo=UTC).timestamp()
DECEMBER = datetime(2025, 12, 15, 23, tzinfo=UTC).timestamp()
CLEAR = Array(10_000, cloudiness=0)


def energy(series: Series) -> float:
    return sum(series.values) * series.step / 3600


def test_a_clear_june_day_gives_seven_kilowatt_hours_for_each_kilowatt_and_december_a_third() -> None:
    assert 60_000 < energy(sun(CLEAR, JUNE, 1, seed=1)) < 80_000
    assert 12_000 < energy(sun(CLEAR, DECEMBER, 1, seed=1)) < 32_000


def test_the_night_is_dark_and_noon_below_the_peak() -> None:
    day = sun(CLEAR, JUNE, 1, seed=1)
    assert day.at(JUNE + 2 * 3600) == 0
    assert 7000 < max(day.values) < 10_000
    brightest = day.values.index(max(day.values)) / 60
    assert 12.5 < brightest < 14  # summer time at 13.4 degrees east


def test_an_array_to_the_west_peaks_in_the_afternoon() -> None:
    south, west = (sun(Array(10_000, azimuth=azimuth, cloudiness=0), JUNE, 1, seed=1) for azimuth in (180.0, 270.0))
    assert west.values.index(max(west.values)) > south.values.index(max(south.values)) + 60


def test_clouds_take_their_mean_share_over_many_days() -> None:
    clear, cloudy = sun(CLEAR, JUNE, 60, 7, step=600), sun(Array(10_000, cloudiness=0.4), JUNE, 60, 7, step=600)
    assert energy(cloudy) / energy(clear) == pytest.approx(0.6, abs=0.12)


def test_the_same_seed_gives_the_same_series_and_another_seed_another() -> None:
    array = Array(10_000)
    assert sun(array, JUNE, 2, 3) == sun(array, JUNE, 2, 3) != sun(array, JUNE, 2, 4)
    assert household(4e6, JUNE, 2, 3) == household(4e6, JUNE, 2, 3) != household(4e6, JUNE, 2, 4)
    assert hot_water(6000, JUNE, 2, 3) == hot_water(6000, JUNE, 2, 3) != hot_water(6000, JUNE, 2, 4)
    assert commuting(JUNE, 5, 3) == commuting(JUNE, 5, 3) != commuting(JUNE, 5, 4)


def test_a_household_takes_its_annual_energy_in_a_year() -> None:
    year = household(4_123_000, NEW_YEAR, 365, seed=1, step=900)
    assert energy(year) == pytest.approx(4_123_000, rel=0.02)
    assert min(year.values) > 0


def test_a_household_takes_more_in_the_evening_than_at_night() -> None:
    load = household(4e6, JUNE, 30, seed=1, step=900)
    by_hour = [sum(load.values[day * 96 + hour * 4] for day in range(30)) for hour in range(24)]
    assert by_hour[19] > 2 * by_hour[3]


def test_hot_water_is_drawn_in_draws_that_add_up() -> None:
    draws = hot_water(6000, JUNE, 10, seed=1)
    assert energy(draws) == pytest.approx(60_000, rel=0.01)
    assert draws.values.count(0.0) > 0.9 * len(draws.values)


def test_a_commuter_is_home_on_the_nights_of_working_days() -> None:
    trips = commuting(JUNE, 7, seed=1)
    assert len(trips) == 5
    assert all(10 * 3600 < trip.leaves - trip.arrives < 18 * 3600 and trip.energy > 0 for trip in trips)


def test_a_series_begins_again_after_its_end() -> None:
    short = Series(JUNE, 60, (1.5, -2.0, 70_000.0))
    assert [short.at(JUNE + at) for at in (0, 59.9, 60, 179, 180, 300)] == [1.5, 1.5, -2.0, 70_000.0, 1.5, 70_000.0]
    assert short.following(JUNE + 61) == JUNE + 120
    assert constant(5).following(JUNE) == float("inf")
