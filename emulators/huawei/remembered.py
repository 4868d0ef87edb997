"""Settings of Huawei devices that are kept as written and move nothing here: `kept_<address>`."""

from typing import Any


class Remembered:
    """Numbers by register; 0 until they are written, unless `start` says otherwise. A restart does not change them."""

    def __init__(self, start: dict[int, float] | None = None) -> None:
        vars(self)["_values"] = {f"kept_{address}": value for address, value in (start or {}).items()}

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("kept_"):
            raise AttributeError(name)
        return vars(self)["_values"].get(name, 0)

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_values"][name] = value
