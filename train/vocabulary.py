"""What an English word may be called in Arabic, for ``train.arabise``: drawn among synonyms, or written over."""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from rag.lexicon import lexicon
from rag.transliterate import to_arabic_script
from train.lexicon import rows
from train.particles import FORMS, STOPPED
from train.tags import Tagger, Word


class Vocabulary:
    """The shipped lexicon, the parts of speech of WordNet, and Google's list of names.

    Attributes:
        tagger: Tags English words by that WordNet.
        names: Lower-cased English names with their usual Arabic spellings.
    """

    def __init__(self, root: Path, chance: random.Random) -> None:
        book = lexicon()
        self._chance = chance
        self._verbs: set[str] = set()
        self._others: set[str] = set()
        entries = []
        for arabic, english, tag, *_ in rows(root / "lexicon" / "wordnet.ar-en.tsv.xz"):
            entries.append((english, tag))
            (self._verbs if tag == "v" else self._others).add(arabic)
        self.tagger = Tagger(entries)
        self.names: dict[str, list[str]] = defaultdict(list)
        for arabic, english, *_ in rows(root / "lexicon" / "names-transliteration.ar-en.tsv.xz"):
            if len(self.names[english]) < 3:
                self.names[english].append(arabic)
        self.translations = lru_cache(maxsize=60_000)(
            lambda word: book.translations(word, "ar") or book.translations(FORMS.get(word, word), "ar")
        )
        self.renderings = lru_cache(maxsize=60_000)(lambda phrase: book.renderings(phrase, "ar"))

    def one(self, choices: str) -> str:
        """One of the alternatives between bars."""
        return self._chance.choice(choices.split("|"))

    def _drawn(self, found: Sequence[tuple[str, float]]) -> str:
        best = found[0][1]
        likely = [(word, weight**3) for word, weight in found if weight > 0.6 * best]
        return self._chance.choices([word for word, _ in likely], [weight for _, weight in likely])[0]

    def verb(self, low: str) -> str:
        """A verb, of the past where the English one is and the lexicon has it."""
        if low in STOPPED:
            return self.one(STOPPED[low])
        found = self.translations(low)
        if not found:
            return self._loan(low)
        past = low.endswith("ed") or low in FORMS
        verbs = [
            (word, weight)
            for word, weight in found
            if word in self._verbs or (word[0] in "يت" and len(word) > 3 and word not in self._others)
        ]
        if verbs:
            now = [pair for pair in verbs if (pair[0][0] in "يت" and pair[0] not in self._verbs) != past]
            return self._drawn(now or verbs)
        return self._drawn(found)

    def content(self, word: Word) -> str:
        """A noun, adjective or adverb, written over where it is unknown."""
        low = word.english.lower()
        exact = [entry.text for entry in self.renderings(low) if entry.kind[0] == word.tag]
        if exact and self._chance.random() < 0.65:
            return exact[0]
        found = self.translations(low)
        if not found:
            return self._loan(low)
        if word.tag in "na":
            others = [pair for pair in found if pair[0] not in self._verbs or pair[0] in self._others]
            others = [pair for pair in others if pair[0][0] != "ي" or pair[0] in self._others]
            return self._drawn(others or found)
        return self._drawn(found)

    def name(self, word: str) -> str:
        """A name as it is known, else as it sounds."""
        low = word.lower()
        named = [e.text for e in self.renderings(low) if e.kind in ("name", "person", "place")]
        if named:
            return named[0]
        if listed := self.names.get(low):
            return self._chance.choice(listed)
        found = self.translations(low)
        if found and found[0][1] >= 0.7 and not word.isupper():
            return self._drawn(found)
        return self._loan(word)

    def _loan(self, word: str) -> str:
        """A word written over; half of the short ones in capitals stay as they are."""
        if word.isupper() and 1 < len(word) < 6 and self._chance.random() < 0.5:
            return word
        plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        return to_arabic_script(plain) if plain.isascii() and plain.isalpha() else word


def bare(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def with_article(word: str) -> str:
    return word if word.startswith("ال") and len(word) > 3 else "ال" + word


def feminine(word: str) -> str:
    return word if word.endswith(("ة", "ى", "اء", "ات")) else word + "ة"
