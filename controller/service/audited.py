"""Who changes what: noted before it is done, so that nothing is changed unseen, and once more when it was not done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Audit = Callable[[str, str], None]
"""Who does what; when it returns it is on the disk, StoreError when it cannot be."""


@contextmanager
def noted(audit: Audit, who: str, what: str) -> Iterator[None]:
    """Around a change that has been checked already. What it raises is noted and raised again."""
    audit(who, what)
    try:
        yield
    except Exception as error:
        audit(who, f"not done: {what}: {getattr(error, 'detail', None) or str(error) or type(error).__name__}")
        raise
