"""Where sentences end, in Arabic and English news.

A sentence ends at ``.``, ``!``, ``?``, ``؟``, ``؛``, ``…`` or a line end, with the quotes and
brackets that close after it, even if the next word touches. It does not end at decimals,
abbreviations, initials, at dots inside Latin names (``U.S.``, addresses), at ``..`` after a verb of
saying, or before a lower-case word.
"""

from __future__ import annotations

import re

from rag.types import Span

_END = re.compile(r"(?:\.{1,}|[!?؟؛…]+)[\"'”’»)\]]*|\n+")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st gen col lt sgt capt gov sen rep rev no nos vs etc inc ltd co corp jr sr fig vol pp art "
    "jan feb mar apr jun jul aug sep sept oct nov dec approx est al".split()
)
_ARABIC_ABBREVIATIONS = frozenset("د م أ ا ص ج ق هـ ه ب ت س ش أ.د كم كلم سم".split())
_LAST_WORD = re.compile(r"[^\s\"'“”«»()\[\]]+$")


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
    after = text[end:last][:40]
    follows = after.lstrip()[:1]
    if not follows:
        return True
    if mark[0] != ".":
        return True
    closes = len(mark) > len(mark.rstrip("\"'”’»)]"))
    dots = len(mark) - len(mark.lstrip("."))
    if dots > 1:
        # ".." stands for a colon after a verb of saying; "..." trails off inside a sentence.
        return closes or (dots > 2 and not follows.islower() and follows not in "“\"«”")
    before = _LAST_WORD.search(text, max(start, at - 30), at)
    word = before[0] if before else ""
    touching = not after[:1].isspace()
    if touching and follows.isdigit() and word[-1:].isdigit():
        return False
    if touching and follows in ",،;:؛.)]/":
        return False
    if word.lower() in _ABBREVIATIONS or word in _ARABIC_ABBREVIATIONS:
        return False
    if re.fullmatch(r"[A-Za-z](?:\.[A-Za-z])*", word):  # initials, U.S.
        return touching is False and len(word) > 1 and follows.isupper() and not closes and _new_start(after)
    if touching and not closes and follows.isascii() and follows.isalnum() and word[-1:].isascii():
        # "example.com" goes on; "ended.Then" does not.
        return follows.isupper() and word[-1:].islower()
    return not follows.islower()


_STARTERS = frozenset("The A An In On At He She It They We This That These But And For After Before When".split())


def _new_start(after: str) -> bool:
    return after.split()[0].strip("“\"'«(") in _STARTERS
