"""Parts of speech of English words by WordNet and what stands beside them; rough, for ``train.arabise``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from train.particles import BE, BEFORE, FORMS, HAVE, MONTHS, OWN, PLAIN, STOPPED

ARTICLES = ("a", "an", "the")


@dataclass(slots=True)
class Word:
    """A word on its way: its tag, and whether the answer holds it."""

    english: str
    tag: str  # n a v d u(nknown) #(number) m(ark) f(unction word) N(ame)
    marked: bool
    arabic: str = ""
    onto: bool = False  # written onto the next one


class Tagger:
    """Tags words in place; ``entries`` are WordNet's, each an English word and its part of speech."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._tags: dict[str, set[str]] = defaultdict(set)
        for english, tag in entries:
            self._tags[english.lower()].add({"r": "d", "s": "a"}.get(tag, tag))

    def tag(self, words: list[Word]) -> None:
        for i, word in enumerate(words):
            low = word.english.lower()
            before = words[i - 1] if i else None
            if low[0].isdigit():
                word.tag = "#"
            elif not low[0].isalpha():
                word.tag = "m" if low[0] not in "'’" or len(low) == 1 else "f"
            elif (
                low in MONTHS
                and word.english[0].isupper()
                and (low not in ("may", "march") or _dated(words, i))
            ):
                word.tag = "N"
            elif (
                low in PLAIN
                or low in BEFORE
                or low in OWN
                or low in BE
                or low in HAVE
                or low in (*ARTICLES, "will", "would")
            ):
                word.tag = "f"
            elif low in STOPPED:
                word.tag = "v"
            elif word.english[0].isupper() and (i > 0 or not self.known(low)):
                word.tag = "N"
            else:
                word.tag = self._guess(low, before, words[i + 1] if i + 1 < len(words) else None)

    def known(self, low: str) -> set[str]:
        """The tags that WordNet has for a word or what it is a form of."""
        for form in _bases(low):
            if tags := self._tags.get(form):
                return tags
        return set()

    def _guess(self, low: str, before: Word | None, after: Word | None) -> str:
        tags = self.known(low)
        if low.endswith("ly") and "a" not in tags:
            return "d"
        if not tags:
            return "u"
        if len(tags) == 1:
            return next(iter(tags))
        last = before.english.lower() if before else ""
        follows = after.english.lower() if after else ""
        noun_next = bool(after and follows.isalpha() and "n" in self.known(follows) and follows not in PLAIN)
        if last == "to" and "v" in tags:
            return "v"
        if last in (*ARTICLES, "'s", "’s") or last in OWN or (before and before.tag in "a#"):
            if "a" in tags and noun_next:
                return "a"
            return "n" if "n" in tags else "a" if "a" in tags else "v"
        verbal = low.endswith(("ed", "s", "ing")) or low in FORMS
        if "v" in tags and before and before.tag in "nNuf" and last not in BEFORE and verbal:
            return "v"
        if "v" in tags and (
            last in BE or last in HAVE or last in ("did", "does", "do", "will", "can", "not", "who")
        ):
            return "v" if verbal or last not in BE else "a" if "a" in tags else "v"
        if "a" in tags and noun_next:
            return "a"
        return "n" if "n" in tags else "v" if "v" in tags else "a"


def _dated(words: Sequence[Word], i: int) -> bool:
    return any(0 <= j < len(words) and words[j].english[0].isdigit() for j in (i - 1, i + 1)) or (
        i > 0 and words[i - 1].english.lower() in ("in", "of", "since", "until")
    )


def _bases(low: str) -> Iterator[str]:
    yield low
    if low in FORMS:
        yield FORMS[low]
    for ending, instead in (
        ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
        ("est", ""), ("er", ""), ("est", "e"), ("er", "e"),
    ):  # fmt: skip
        if low.endswith(ending) and len(low) - len(ending) > 2:
            stem = low[: -len(ending)]
            yield stem + instead
            if len(stem) > 3 and stem[-1] == stem[-2] and not instead:
                yield stem[:-1]
