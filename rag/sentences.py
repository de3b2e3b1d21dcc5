"""Where sentences end, in Arabic and English news.

A sentence ends at ``.``, ``!``, ``?``, ``؟``, ``؛``, ``…`` or a line end, with the quotes and
brackets that close after it, even if the next word touches. It does not end at decimals,
abbreviations, initials, the number of a list's item, at dots inside Latin names (``U.S.``,
addresses), at ``..`` after a verb of saying, or before a lower-case word.
"""

from __future__ import annotations

import re

from rag.types import Span

_END = re.compile(r"(?:\.+|[!?؟؛…]+)[\"'”’»)\]]*|\n+")
# Never the end of a sentence; a name or a number follows.
_TITLES = frozenset("mr mrs ms dr prof st gen col lt sgt capt gov sen rep rev hon pres vs fig vol pp".split())
# The end only where a new sentence plainly begins.
_ABBREVIATIONS = frozenset(
    "etc inc ltd co corp jr sr jan feb mar apr jun jul aug sep sept oct nov dec approx est al dept univ".split()
)
_BEFORE_NUMBERS = frozenset("no nos art sec para".split())
_ARABIC_ABBREVIATIONS = frozenset("هـ كم كلم سم كغ ص.ب".split())
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*|[\u0621-\u064a](?:\.[\u0621-\u064a])*")
# Latin letters by their names in Arabic, as in "بي.بي.سي" and "إتش. إس. بي. سي".
_LETTER_NAMES = frozenset(
    "إيه أيه ايه إي اي آي أي بي سي دي إف اف أف جي جيه إتش اتش أتش كيه كي كيو إل إم ام أم إن ان أن أو او آر ار إس اس أس تي "
    "يو في دبليو إكس اكس واي زد".split()
)
_LAST_WORD = re.compile(r"[^\s\"'“”«»()\[\]]+$")
_STARTERS = frozenset(
    "The A An In On At He She It They We This That These But And For After Before When".split()
)
# Longest look back for a word and ahead for the next one, in characters.
_WINDOW = 40


def sentences(text: str, span: Span | None = None) -> tuple[Span, ...]:
    """Spans of the sentences of ``text[span]``, in order, without the space around them."""
    first, last = span or Span(0, len(text))
    found: list[Span] = []
    start = first
    for match in _END.finditer(text, first, last):
        if match[0].startswith("\n") or _ends(text, match, start, last):
            _add(found, text, start, match.end())
            start = match.end()
    _add(found, text, start, last)
    return tuple(found)


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if not any(char.isalnum() for char in text[start:end]):
        # Stray marks belong to the sentence before them, if they touch it.
        if found and end > start and not text[found[-1].end : start].count("\n"):
            found[-1] = Span(found[-1].start, end)
        return
    found.append(Span(start, end))


def _ends(text: str, match: re.Match[str], start: int, last: int) -> bool:
    """Whether the mark that ``match`` found ends the sentence that began at ``start``."""
    mark, at, end = match[0], match.start(), match.end()
    after = text[end : min(last, end + _WINDOW)]
    follows = after.lstrip()[:1]
    if not follows:
        return True
    if follows.islower():
        return False
    if mark[0] != ".":
        return True
    touching = not after[0].isspace()
    closes = mark[-1] != "."
    dots = len(mark) - len(mark.lstrip("."))
    if dots > 1:
        # ".." stands for a colon after a verb of saying, a quote that touches the next word opens
        # what was said, and "..." trails off inside a sentence.
        return not touching if closes else dots > 2 and follows not in '“"«”'
    if touching and follows in ",،;:؛.)]/-–%":
        return False
    before = _LAST_WORD.search(text, max(start, at - _WINDOW), at)
    return closes or not before or _after_word(before[0], before.start() == start, follows, touching, after)


def _after_word(word: str, first: bool, follows: str, touching: bool, after: str) -> bool:
    """Whether a single full stop after ``word`` ends a sentence; ``first``: it began with it."""
    lowered = word.lower()
    if word.isdigit() and (first or (touching and follows.isdigit())):
        return False  # "1. First", "3.5"
    if touching and follows.isdigit() and word[-1].isdigit():
        return False
    if lowered in _TITLES or word in _ARABIC_ABBREVIATIONS:
        return False
    if lowered in _BEFORE_NUMBERS:
        return not follows.isdigit()
    if word.rsplit(".", 1)[-1] in _LETTER_NAMES:
        return not touching and _first_word(after) not in _LETTER_NAMES
    if _INITIALS.fullmatch(word) or lowered in _ABBREVIATIONS:
        return not touching and _first_word(after) in _STARTERS
    if touching and follows.isascii() and follows.isalnum() and word[-1].isascii():
        # "example.com" goes on; "ended.Then" does not.
        return follows.isupper() and word[-1].islower()
    return True


def _first_word(after: str) -> str:
    """The first word of ``after``, up to a full stop, without what opens before it."""
    return after.split()[0].lstrip("“\"'«(").partition(".")[0]
