"""Tibber's API: POST /v1-beta/gql with a token; what is wrong is mostly said with status 200."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulators.faces.prices import Publisher, Slot, local_day, midnight, text
from emulators.faces.service import Publishing, Service
from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.tibber import graphql, homes
from emulators.wires.http import NotServed, answer, lower, split
from emulators.wires.wire import HttpReply
from twin.tariff import Tariff

PATH = ["v1-beta", "gql"]


class Tibber:
    """What is behind the path."""

    def __init__(self, facts: Mapping[str, Any], publisher: Publishing) -> None:
        self._facts, self._publisher = facts, publisher
        self.service: Service

    def serve(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpReply:
        segments, _ = split(path)
        if segments != PATH:
            raise NotServed(404, path)
        if method != "POST":
            raise NotServed(405, method)
        switches = self.service.switches
        if "not-json" in switches:
            return HttpReply(200, b"<html><body>Please come back later.</body></html>", "text/html")
        given = lower(headers).get("authorization", "").removeprefix("Bearer ").strip()
        token = str(self._facts["token"])
        if not given or (token and given != token):
            return _errors("No valid access token in request", "UNAUTHENTICATED")
        if "internal-error" in switches:
            return _errors("Internal server error", "INTERNAL_SERVER_ERROR")
        try:
            asked = json.loads(body)
            query, variables = str(asked["query"]), asked.get("variables") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            return _errors("Must provide query string.", "BAD_REQUEST", 400)
        try:
            return answer({"data": graphql.run(query, variables, {"viewer": self._viewer()})})
        except graphql.Invalid as error:
            return _errors(str(error), "GRAPHQL_VALIDATION_FAILED", 400)

    def _viewer(self) -> dict[str, Any]:
        count = int(self._facts["homes"]) + 1  # one more that has no contract
        now = self._publisher.now
        found = [
            homes.home(number, self._facts, self.service.switches, now, self.service.published)
            for number in range(count)
        ]
        by_id = {each["id"]: each for each in found}
        return {
            "name": "A. Muster", "login": "a@example.org", "userId": "dcc2355e-6f55-45c2-beb9-274241fe450c",
            "accountType": ["tibber", "customer"], "websocketSubscriptionUrl": self._facts["website"],
            "homes": found, "home": lambda id: by_id[id],
        }  # fmt: skip


def _errors(message: str, code: str, status: int = 200) -> HttpReply:
    return answer({"errors": [{"message": message, "extensions": {"code": code}}], "data": None}, status)


class Months:
    """Keeps a twin's prices as those of a contract by the month: a year and the present month, unless they were set."""

    def __init__(self, twin: Tariff, publisher: Publisher, count: int) -> None:
        self._twin, self._publisher, self._count = twin, publisher, count
        twin.cancel("publish prices")
        self._tell()

    @property
    def now(self) -> float:
        return self._publisher.now

    def archive(self, start: float, end: float) -> list[Slot]:
        """All months that there are stand in the twin."""
        return []

    def _tell(self) -> None:
        found = homes.months_of(self.now, self._count)
        self._own = [{"start": text(each.start), "end": text(each.end), "price": each.price} for each in found]
        self._twin.prices = self._own
        self._wait()

    def _wait(self) -> None:
        now = self.now
        following = midnight((local_day(now).replace(day=1) + timedelta(days=32)).replace(day=1))
        self._twin.at("publish prices", self._twin.time + (following - now), self._month)

    def _month(self) -> None:
        if self._twin.prices is self._own:
            self._tell()
        else:
            self._wait()


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    if not isinstance(device.twin, Tariff):
        raise BrokenProfile(family.file, "kind", "dynamic-tariff")
    more = facts.more
    days = Publisher(device.twin, order.clock, minutes=int(more["minutes"]), price=homes.gross, day=str(more["day"]))
    monthly = more["contract"] == "monthly"
    publisher: Publishing = Months(device.twin, days, int(more["months"])) if monthly else days
    tibber = Tibber(more, publisher)
    tibber.service = service = Service(more, device, publisher, tibber.serve)
    device.face, device.operator = service, service.operator
    return Installation(family, order.protocol, [device], service, None, int(more["port"]))
