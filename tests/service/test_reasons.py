"""Every reason that a rule can give has its German words in the pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "controller"
WORDS = (ROOT / "service" / "pages" / "reasons.js").read_text("utf-8")
SAME = {"kwh", "hand", "phase", "plan", "reserve", "signal"}
"""What is the same in both languages."""
FILES = [*sorted((ROOT / "strategy").glob("*.py")), ROOT / "service" / "why.py"]
NOT_SHOWN = {"raise", "ConfigurationError", "ValueError", "wrong"}


def fragments(tree: ast.AST) -> Iterator[str]:
    """Texts of two words and more that are no docstring and are not said to an installer at the start; numbers as 7."""
    if isinstance(tree, ast.Raise) or (isinstance(tree, ast.Call) and getattr(tree.func, "id", "") in NOT_SHOWN):
        return
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else "7" for each in tree.values)
        for each in tree.values:
            if isinstance(each, ast.FormattedValue):
                yield from fragments(each.value)
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
        return
    for child in ast.iter_child_nodes(tree):
        yield from fragments(child)


def reasons() -> set[str]:
    found = {text for file in FILES for text in fragments(ast.parse(file.read_text("utf-8")))}
    return {text for text in found if re.search(r"[a-z]{2,} [a-z0-9]", text) and not text.startswith("rule ")}


def german(words: str) -> str:
    """As the pages do it."""
    for english, told in re.findall(r'\[/(.+?)/g, "(.*?)"\],', WORDS):
        words = re.sub(english, re.sub(r"\$(\d)", r"\\\1", told), words)
    return words


def test_every_reason_of_a_rule_is_translated():
    left = {}
    for reason in sorted(reasons()):
        own = set(re.findall(r"[a-z]{3,}", reason.lower())) - SAME
        if stays := own & set(re.findall(r"[a-z]{3,}", german(reason).lower())):
            left[reason] = stays
    assert left == {}
    assert len(reasons()) > 50
