"""A TOML file that a person writes: read, and held against what it may say. A mistake names the file and the key."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from controller.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)
EXPECTED: Mapping[str, str] = {
    "tuple_type": "a list", "list_type": "a list", "model_type": "a table", "dict_type": "a table",
    "string_type": "a text in quotes", "bool_type": "true or false", "bool_parsing": "true or false",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "float_type": "a number", "float_parsing": "a number", "finite_number": "a finite number",
}  # fmt: skip
"""What TOML calls what pydantic expected, by the type of its error."""


def toml(path: str | Path) -> dict[str, Any]:
    """What a TOML file holds; ConfigurationError with the file when it cannot be read or is none."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"is no TOML: {error}", file=str(path)) from error


def checked(model: type[Model], data: Mapping[str, Any], file: str) -> Model:
    """What a file says, as `model` has it; ConfigurationError with the key and with what was expected there.

    A model with a field `file` is told which it was: that is none of the file's own keys.
    """
    if "file" in data:
        raise ConfigurationError("is no known key", file=file, key="file")
    try:
        return model.model_validate({**data, "file": file} if "file" in model.model_fields else data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigurationError(_expectation(first), file=file, key=_path(first["loc"])) from error


def _path(location: tuple[int | str, ...]) -> str:
    """`("device", 2, "line", "port")` as device[2].line.port."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _expectation(error: Any) -> str:
    """What pydantic expected, with what it found."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is no known key"
    wanted = EXPECTED.get(error["type"])
    message = f"expected {wanted}" if wanted else str(error["msg"]).removeprefix("Value error, ")
    found = error.get("input")
    return message if isinstance(found, dict | list | tuple) else f"{message}, found {found!r}"
