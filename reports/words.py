"""The report's words in English and German. A word that is missing in German is shown in English by both."""

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup, escape

from reports.german import SECTIONS, STORIES, WORDS

GERMAN = {**WORDS, **STORIES}


def both(english: str) -> tuple[str, str]:
    """German and English of an English word, or of the name of a section."""
    return SECTIONS[english] if english in SECTIONS else (GERMAN.get(english, english), english)


def choose(language: str) -> Callable[[tuple[str, str]], str]:
    """Picks the words of one language."""
    return lambda words: words[0 if language == "de" else 1]


def marked(words: tuple[str, str]) -> Markup:
    """Both languages as HTML; the page shows the one that is switched on."""
    german, english = words
    if german == english:
        return escape(english)
    return Markup('<span data-lang="de">{}</span><span data-lang="en">{}</span>').format(german, english)


@lru_cache(maxsize=4096)
def t(english: str) -> Markup:
    """An English word or sentence with its German one, as HTML."""
    return marked(both(english))
