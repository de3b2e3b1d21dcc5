"""A short span written in the other language: names, titles, places, dates, numbers, and lists of them.

Not a translator: what the lexicon does not hold and cannot be a name stays in the original, and the
rendering says that it is not complete. ``rag.to_english`` and ``rag.to_arabic`` know the two
languages' word orders; what words mean comes from ``rag.lexicon``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.clean import clean, language_of
from rag.types import Language

LONGEST = 16  # words; a longer span is a sentence


@dataclass(frozen=True, slots=True)
class Rendering:
    """``complete`` is False when something stayed in the original."""

    text: str
    complete: bool


_QUOTED = re.compile(r"^[\s\"'“”«»‘’(]+|[\s\"'“”«»‘’)،,.;:؛!?؟]+$")


def render(text: str, to: Language) -> Rendering:
    """``text`` in ``to``. A text that is in ``to`` already, or holds only digits, stays as it is.

    A span of more than ``LONGEST`` words, or into ``"other"``, comes back unchanged and incomplete.
    """
    bare = _QUOTED.sub("", clean(text))
    own = language_of(bare)
    if not bare or own == to or not any(char.isalpha() for char in bare):
        return Rendering(bare, True)
    if to == "other" or len(bare.split()) > LONGEST:
        return Rendering(bare, False)
    if to == "en":
        from rag.to_english import to_english

        return Rendering(*to_english(bare))
    from rag.to_arabic import to_arabic

    return Rendering(*to_arabic(bare))
