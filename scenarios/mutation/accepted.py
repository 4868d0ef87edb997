"""Breaks of drivers that no story can notice, accepted one by one: driver, point, change, and why it does no harm.

Each is judged against all stories on every run; `hem mutate` fails when one of them is killed, when it turns out to
change nothing at all, or when there is no such break any more. No entry speaks of more than one break.
"""

from collections.abc import Mapping

Break = tuple[str, str, str]
ACCEPTED: Mapping[Break, str] = {}
