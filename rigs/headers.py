"""HTTP header names as both sides of a rig see them: in any case."""

from collections.abc import Mapping

from emulators.wires.wire import HttpReply


class Headers(dict[str, str]):
    """Headers whose names are found in any case; iterating gives them in lower case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in headers.items()})

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(name.lower(), default)


def answer_headers(reply: HttpReply) -> Headers:
    """The headers of an answer as a client gets them."""
    return Headers({"content-type": reply.content_type, "content-length": str(len(reply.body)), **reply.headers})
