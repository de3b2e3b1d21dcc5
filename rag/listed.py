"""Lists that one article gives in answer and other articles name too, where the reader marked other words.

Who stands with whom is told by a sentence's words more surely than by a small model's span: an article that
says the same names together, in a sentence as near to the question, is counted as naming them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.alike import key_of
from rag.compose import LISTED, Found, widen
from rag.types import Hit, Span

NEARER = 0.1  # by how much less such a sentence may hold of the question than the one found
SURE = 0.9  # of the probability of the list that was found
_JOINED = re.compile(r"،|,| و(?=\w)| and ")
_WORD = re.compile(r"\w+")
_BEFORE = re.compile(r"(\w+)\s*(,|،|\band)?\s*$")


def named_elsewhere(
    found: Sequence[Found], hits: Sequence[Hit], covered: Callable[[str], float]
) -> list[Found]:
    """The same lists in articles where nothing alike was found.

    Args:
        found: Spans for a question that asks for a list.
        hits: All passages that were read.
        covered: The share of the question's words in a text.
    """
    best = max((f.probability for f in found), default=0.0)
    lists: dict[frozenset[str], Found] = {}
    for one in sorted(found, key=lambda f: -f.probability):
        if one.probability >= LISTED * best and len(one.key) >= 2 and _JOINED.search(one.text):
            lists.setdefault(one.key, one)
    # Where an article names the longer list, a part of it is no list of its own.
    told = {(f.hit.article.id, key) for f in found for key in lists if key <= f.key}
    more: list[Found] = []
    for hit in hits:
        for key, one in sorted(lists.items(), key=lambda item: -len(item[0])):
            if (hit.article.id, key) in told:
                continue
            least = covered(one.hit.article.text[one.sentence.start : one.sentence.end]) - NEARER
            for sentence in hit.passage.sentences:
                mark = _together(hit.article.text, sentence, key)
                if mark and covered(hit.article.text[sentence.start : sentence.end]) >= least:
                    text = hit.article.text[mark.start : mark.end]
                    sure = SURE * one.probability
                    more.append(
                        replace(one, hit=hit, probability=sure, sentence=sentence, mark=mark, text=text)
                    )
                    told |= {(hit.article.id, other) for other in lists if other <= key}
                    break
    return more


def _together(text: str, sentence: Span, key: frozenset[str]) -> Span | None:
    """Where the words of a key stand side by side, joined as a list is, and nothing else of content with them."""
    if not key <= key_of(text[sentence.start : sentence.end]):
        return None
    words = [m.span() for m in _WORD.finditer(text, sentence.start, sentence.end) if key_of(m[0]) & key]
    for i, (start, _) in enumerate(words):
        for _, end in words[i + 1 : i + len(key) + 1]:
            inner = text[start:end]
            if _JOINED.search(inner) and key_of(inner) == key:
                whole = widen(text, Span(start, end), sentence)
                # A list that goes on, or began before, is another one.
                same = key_of(text[whole.start : whole.end]) == key
                return Span(start, end) if same and not _begun(text[sentence.start : start], inner) else None
    return None


def _begun(before: str, names: str) -> bool:
    """Whether names go on with a list, of which the last member stands in what is before them."""
    from rag.places import place_of

    last = _BEFORE.search(before)
    if last is None:
        return False
    if not last[2]:
        first = names.split()[0]
        return first.startswith("و") and key_of(first[1:]) == key_of(first)
    return place_of(last[1]) is not None or last[1][:1].isupper()
