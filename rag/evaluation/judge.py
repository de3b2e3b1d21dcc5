"""Whether a text gives an accepted answer.

Both sides are folded alike. An accepted answer is a string, or a list whose members must all occur;
``a|b`` inside either means that one of the two is enough. A word of the text also counts without an
Arabic prefix (و ف ب ل ك, and the article), because the prefix belongs to the sentence around it.
``yes``, ``no``, نعم and لا count only as the first word of the text: elsewhere they mean nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

Accepted = str | Sequence[str]

_IGNORED = re.compile(
    r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069]"
)
_LETTERS = str.maketrans("أإآٱىةؤئ٫", "اااايهوي.")
_GROUPED = re.compile(r"(?<=\d)[,٬](?=\d{3}\b)")
_AL = re.compile(r"\b(?:al|el|a[dnrstz]|ash|ul)[-‐‑–](?=[a-z])")
_MARKER = re.compile(r"\[\d+\]")
_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_DROPPED = frozenset({"a", "an", "the"})
_PREFIXES = ("و", "ف", "ب", "ل", "ك")
_OPENERS = frozenset({"yes", "no", "نعم", "لا"})


def words(text: str) -> list[str]:
    """The folded words of ``text``, without markers, English articles and the Arabic one."""
    text = unicodedata.normalize("NFKC", _MARKER.sub(" ", text)).lower()
    text = _GROUPED.sub("", _IGNORED.sub("", text)).translate(_LETTERS)
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    found = _WORD.findall(_strip_accents(_AL.sub("", text)))
    return [_without_article(word) for word in found if word not in _DROPPED]


def _strip_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _forms(word: str) -> set[str]:
    """``word`` with and without each prefix that may have been written onto it."""
    forms = {word}
    if len(word) > 3 and word.startswith(_PREFIXES):
        forms |= _forms(_without_article(word[1:]))
    return forms


def occurs(phrase: str, text: str) -> bool:
    """Whether the words of ``phrase`` (or of one of its ``|`` alternatives) follow each other in ``text``."""
    found = [_forms(word) for word in words(text)]
    return any(_follows(words(part), found, part) for part in phrase.split("|"))


def _follows(wanted: list[str], found: list[set[str]], phrase: str) -> bool:
    if not wanted:
        return False
    places = range(len(found) - len(wanted) + 1)
    if phrase.strip().lower() in _OPENERS:
        places = range(min(1, len(found)))
    return any(all(word in found[place + i] for i, word in enumerate(wanted)) for place in places)


def gives(accepted: Accepted, text: str) -> bool:
    """Whether ``text`` gives one accepted answer, all of it."""
    members = [accepted] if isinstance(accepted, str) else accepted
    return all(occurs(member, text) for member in members)


def gives_any(accepted: Sequence[Accepted], text: str) -> bool:
    return any(gives(answer, text) for answer in accepted)
