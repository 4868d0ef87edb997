"""What a user asks of a device by hand, done by the loop."""

from controller.hem import Hem
from controller.strategy.plan import Plan


def ask(device: str, command: str, value: float | None, seconds: float | None, who: str, hem: Hem) -> None:
    """ValueError when it is no number, or the controller takes no wishes."""
    plan = hem.strategy
    if not isinstance(plan, Plan):
        raise ValueError("this controller takes no wishes")
    plan.ask(device, command, value, seconds)
    said = command if value is None else f"{command} {value:g}"
    hem.note(device, f"asked by {who}: {said}" + ("" if seconds is None else f" for {seconds:g} s"))
