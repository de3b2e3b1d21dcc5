"""The shipped bilingual lexicon: what a word or phrase is called in the other language.

It is one file of sorted lines, searched by bisection in a memory map: opening costs no parsing.
``train/lexicon.py`` makes it. Lines are ``key<TAB>value``; the first byte of a key says which table:

====  ======================================================  =================================
key   rest of the key                                         value
====  ======================================================  =================================
a, e  stems of an Arabic or English word or short phrase      ``word:weight|word:weight…``
b, f  a form of an Arabic or English word that shares its     ``word:weight|word:weight…``
      stem with others
A, E  a folded Arabic or English word or phrase               ``kind:text|kind:text…``
g     a folded Arabic word without particles and article      what it means first of all
l     the first stem of a phrase of more than ``LONGEST``     how many words the longest such phrase has
      words
====  ======================================================  =================================
"""

from __future__ import annotations

import math
import mmap
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from rag.clean import fold, unmarked
from rag.errors import ModelError
from rag.lexical import fold_words, forms, is_stop, terms
from rag.names import skeleton, stripped, without_particle
from rag.types import Language

FORMAT = 4
LOOSE = 0.35  # of its weight has a translation of another word with the same stem
LONGEST = 3  # words of a phrase, but for names
_FILE = Path(__file__).parent / "weights" / "lexicon" / "lexicon.txt"
_HEADER = re.compile(r"#sanad-lexicon (\d+) ([0-9a-f]{16})")
_WORD = re.compile(r"\w+(?:[-‐‑–'’][^\W_]+)*")
_ARABIC = re.compile(r"[\u0620-\u064a\u0671-\u06d3]")
_CODE = re.compile(r"\d")

Group = list[tuple[str, float]]


class Entry(NamedTuple):
    """A rendering with its kind: ``place``, ``person``, ``title``, ``n``, …"""

    kind: str
    text: str


class Lexicon:
    """Reads one lexicon file; safe to use from several threads.

    Attributes:
        fingerprint: Sixteen hexadecimal digits that change with what translations and meanings it holds; renderings are not counted.

    Raises:
        ModelError: The file is missing, or of another format.
    """

    def __init__(self, path: Path = _FILE) -> None:
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The lexicon {path} cannot be opened ({error}). Install the package again, "
                "or make it with: python -m train.lexicon"
            ) from error
        header = _HEADER.match(self._bytes[:64].decode("utf-8", "replace"))
        if header is None or int(header[1]) != FORMAT:
            raise ModelError(
                f"{path} is not a lexicon of format {FORMAT}. Install the package again, "
                "or make it with: python -m train.lexicon"
            )
        self.fingerprint = header[2]

    def translations(self, word: str, to: Language) -> tuple[tuple[str, float], ...]:
        """Words (or short phrases) of language ``to`` for one word or phrase of the other.

        Weights lie in (0, 1], best first; empty where the word is unknown or ``to`` is ``"other"``.
        The word is folded and stemmed here, so any form of it will do.
        """
        return () if to == "other" else self.of_words(fold_words(word).split(), to)

    def of_words(self, words: Sequence[str], to: Language) -> tuple[tuple[str, float], ...]:
        """``translations`` of one word or a phrase in its words.

        Words of different meanings share a stem (عمل, عملة, عملية; nation, nationality): those of the form
        itself come first, the others count less.
        """
        stems, form = ("e", "f") if to == "ar" else ("a", "b")
        found = self._weighted(stems + " ".join(one for word in words for one in terms(word)))
        if len(words) != 1 or not found:
            return found
        usual = (self._weighted(form + one) for one in forms(fold(words[0])))
        kept = dict(next(filter(None, usual), found))
        for word, weight in found:
            kept.setdefault(word, LOOSE * weight)
        return tuple(sorted(kept.items(), key=lambda item: -item[1]))

    def _weighted(self, key: str) -> tuple[tuple[str, float], ...]:
        value = self._find(key)
        pairs = (pair.rpartition(":") for pair in value.split("|") if pair)
        return tuple((word, int(weight) / 100) for word, _, weight in pairs)

    def renderings(self, phrase: str, to: Language) -> tuple[Entry, ...]:
        """How exactly this word or phrase is written in ``to``, the usual way first."""
        value = self._find(("E" if to == "ar" else "A") + fold_words(phrase))
        return tuple(Entry(*pair.split(":", 1)) for pair in value.split("|") if pair)

    def meaning(self, word: str) -> str:
        """What a folded Arabic word without particles and article means first of all in news; ``""`` if not listed."""
        return self._find("g" + word)

    def longest(self, word: str) -> int:
        """How many words the longest phrase may have that begins with this one, at least ``LONGEST``."""
        stems = terms(word)
        return max(LONGEST, int(self._find("l" + stems[0]) or 0)) if stems else LONGEST

    def _find(self, key: str) -> str:
        """The value of ``key``, or ``""``."""
        wanted = key.encode() + b"\t"
        data = self._bytes
        low, high = 0, len(data)
        while low < high:
            start = data.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = data.find(b"\n", start)
            if end < 0:
                end = len(data)
            line = data[start:end]
            if line.startswith(wanted):
                return line[len(wanted) :].decode()
            if line < wanted:
                low = end + 1
            else:
                high = start
        return ""


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon that is shipped with the package, opened once."""
    return Lexicon()


def _languages(word: str) -> tuple[Language, Language]:
    return ("ar", "en") if _ARABIC.search(word) else ("en", "ar")


def _runs(
    words: Sequence[str], book: Lexicon
) -> Iterator[tuple[Sequence[str], tuple[tuple[str, float], ...]]]:
    """The words in runs: the longest known phrases, and single words with or without translations."""
    at = 0
    while at < len(words):
        for length in range(min(book.longest(words[at]), len(words) - at), 0, -1):
            run = words[at : at + length]
            found = book.of_words(run, _languages(run[0])[1])
            if found or length == 1:
                yield run, found
                break
        at += length


def _group(found: tuple[tuple[str, float], ...]) -> Group:
    """Weighted stems of the other language; the words of a phrase share its weight.

    Square roots of the weights retrieve better than the weights (by 4 points of recall at 1): a
    translation of half the probability is still worth most of a match.
    """
    group: dict[str, float] = {}
    for phrase, weight in found:
        stems = terms(phrase)
        for one in stems:
            group[one] = max(group.get(one, 0.0), math.sqrt(weight / len(stems)))
    return sorted(group.items(), key=lambda item: -item[1])


class Sought(NamedTuple):
    """A word or known phrase of a question, as passages of either language may hold it.

    Attributes:
        own: Its stems.
        others: Weighted stems of the other language, best first; a number or code stands for itself.
        names: Skeletons, where it may be a name.
    """

    own: tuple[str, ...]
    others: Group
    names: tuple[str, ...]


def sought(question: str, lexicon: Lexicon) -> list[Sought]:
    """The content words and known phrases of a question.

    Names are capitalised words (the first one, which any word may be, where its translation is a name's), those that
    the lexicon does not know, and those that it only writes over.
    """
    every = _words(question, lexicon)
    words = [word for word in every if not is_stop(fold_words(word))]
    first = every[0] if every else ""
    result: list[Sought] = []
    for run, found in _runs(words, lexicon):
        own = tuple(dict.fromkeys(stem for word in run for stem in terms(word)))
        if _CODE.search(run[0]):
            result.append(Sought(own, [(term, 1.0) for term in terms(run[0])], ()))
            continue
        names: dict[str, None] = {}
        for word in run:
            capital = word[:1].isupper() and word != first
            if capital or not found or _sounds_like(word, found) or _named(word, found, lexicon):
                names.update(dict.fromkeys(name_keys(word)))
        result.append(Sought(own, _group(found) if found else [], tuple(names)))
    return result


def _words(question: str, lexicon: Lexicon) -> list[str]:
    return [word for joined in _WORD.findall(unmarked(question)) for word in _parts(joined, lexicon)]


_HYPHEN = re.compile(r"[-‐‑–]")


def _parts(word: str, lexicon: Lexicon) -> list[str]:
    """A hyphenated word as its parts, unless it is a code, a name with its article, or known as a whole."""
    parts = _HYPHEN.split(word)
    if len(parts) == 1 or _CODE.search(word) or any(len(part) < 3 for part in parts):
        return [word]
    return [word] if lexicon.of_words([word], _languages(word)[1]) else parts


def cross_query(question: str, lexicon: Lexicon) -> tuple[list[Group], list[str]]:
    """What a question asks for in the other language: the groups of stems, and the names, of ``sought``."""
    words = sought(question, lexicon)
    names = dict.fromkeys(name for word in words for name in word.names)
    return [word.others for word in words if word.others], list(names)


def _sounds_like(word: str, found: tuple[tuple[str, float], ...]) -> bool:
    """Whether a translation is the same word in the other script, hence a name or a loan."""
    keys = set(name_keys(word))
    return any(skeleton(part) in keys for other, _ in found for part in other.split())


def _named(word: str, found: tuple[tuple[str, float], ...], lexicon: Lexicon) -> bool:
    """Whether a capitalised word is a name by what its translation is called: the first word of a question may be any."""
    back = lexicon.of_words(found[0][0].split(), "en") if word[:1].isupper() else ()
    return bool(back) and back[0][0][:1].isupper()


def name_keys(word: str) -> list[str]:
    """Skeletons of a word that may be a name, also without its ending and an Arabic one's clitic."""
    keys = [skeleton(word), skeleton(stripped(word))]
    if _ARABIC.match(word) and len(word) > 4 and word[0] in "بلكفو":
        keys.append(skeleton(without_particle(word)))
    return [key for key in keys if key]
