"""A dynamic tariff: the prices a service publishes."""

from typing import Any, ClassVar

from twin.model import Model


class Tariff(Model):
    """`prices`: list of {start, end, price}, UTC as ISO 8601 strings, ct/kWh."""

    quantities: ClassVar[tuple[str, ...]] = ("prices",)

    def __init__(self) -> None:
        super().__init__()
        self.prices: list[dict[str, Any]] = []
