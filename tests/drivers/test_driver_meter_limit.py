"""A limit that acts at the grid meter only: what the device feeds itself is brought to the order all the same."""

from controller.drivers.shared.meter_limit import PATIENCE, TOO_MUCH, FeedIn


def test_a_device_that_feeds_what_others_take_is_lowered_soon() -> None:
    limit = FeedIn()
    assert limit.due(2700, 0, 0, None, 50, 0.0) == 2700
    # a battery beside it takes 2800 W: it feeds them beyond the 2700 W that the setting allows at the meter
    assert limit.due(2700, 5500, 2800, 2700, 50, 1.0) is None
    assert limit.due(2700, 5500, 2800, 2700, 50, 1.0 + TOO_MUCH) == 0


def test_a_house_that_takes_more_under_a_cloud_costs_no_early_write() -> None:
    limit = FeedIn()
    assert limit.due(2700, 0, 0, None, 50, 0.0) == 2700
    for second in range(1, int(PATIENCE)):
        assert limit.due(2700, 1500, 1000, 2700, 50, float(second)) is None
    assert limit.due(2700, 1500, 1000, 2700, 50, 1.0 + PATIENCE) == 1700


def test_a_new_order_is_set_at_once() -> None:
    limit = FeedIn()
    limit.due(2700, 0, 0, None, 50, 0.0)
    assert limit.due(1000, 2700, 0, 2700, 50, 1.0) == 1000
