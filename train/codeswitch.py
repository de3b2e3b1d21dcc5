"""Replacing words by those of the other language, for training across languages.

The dictionary is IBM Model 1 (Brown et al. 1993) over the parallel sets, with names from the
lexicons. It is used in training only; the lexicon that the package ships is made by
``train/lexicon.py`` from sets that may be redistributed.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from train.data import Example, read_pairs

_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_WORD = re.compile(r"\w+(?:['’]\w+)?")


def words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_MARKS.sub("", text))]


def ibm1(
    pairs: list[tuple[list[str], list[str]]], rounds: int = 5
) -> tuple[dict[str, list[tuple[str, float]]], dict[str, list[tuple[str, float]]]]:
    """Word translation probabilities ``p(ar | en)`` and ``p(en | ar)``, best first.

    Args:
        pairs: Words of the Arabic and of the English side of each pair.
        rounds: Rounds of expectation maximisation.
    """
    arabic: dict[str, int] = {}
    english: dict[str, int] = {}
    keys, groups_ar, groups_en = [], [], []
    base_ar = base_en = 0
    for left, right in pairs:
        a = np.array([arabic.setdefault(w, len(arabic)) for w in left], np.int64)
        e = np.array([english.setdefault(w, len(english)) for w in right], np.int64)
        keys.append((e[:, None] * 4_000_000 + a[None, :]).ravel())
        groups_ar.append(np.tile(np.arange(len(a)) + base_ar, len(e)))
        groups_en.append(np.repeat(np.arange(len(e)) + base_en, len(a)))
        base_ar += len(a)
        base_en += len(e)
    unique, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    e_ids, a_ids = unique // 4_000_000, unique % 4_000_000
    group_ar, group_en = np.concatenate(groups_ar), np.concatenate(groups_en)

    def run(given: np.ndarray, group: np.ndarray, size: int) -> np.ndarray:
        p = np.ones(len(unique))
        for _ in range(rounds):
            weight = p[inverse]
            weight /= np.bincount(group, weight)[group]
            counts = np.bincount(inverse, weight, len(unique))
            p = counts / np.bincount(given, counts, size)[given]
        return p

    forward = run(e_ids, group_ar, len(english))
    backward = run(a_ids, group_en, len(arabic))
    ar_words, en_words = list(arabic), list(english)
    en_ar: dict[str, list[tuple[str, float]]] = defaultdict(list)
    ar_en: dict[str, list[tuple[str, float]]] = defaultdict(list)
    counts = Counter(word for left, right in pairs for word in (*left, *right))
    for i in np.flatnonzero((forward > 0.08) & (backward > 0.02)):
        a, e = ar_words[a_ids[i]], en_words[e_ids[i]]
        if counts[e] >= 2:
            en_ar[e].append((a, float(forward[i])))
    for i in np.flatnonzero((backward > 0.08) & (forward > 0.02)):
        a, e = ar_words[a_ids[i]], en_words[e_ids[i]]
        if counts[a] >= 2:
            ar_en[a].append((e, float(backward[i])))
    for table in (en_ar, ar_en):
        for entry in table.values():
            entry.sort(key=lambda item: -item[1])
            del entry[4:]
    return dict(en_ar), dict(ar_en)


class CodeSwitch:
    """A dictionary in both directions, and the replacing of words by it."""

    def __init__(self, root: Path) -> None:
        pairs = []
        for name in ("tatoeba", "opus100-sample", "aqad-squad-questions-mt"):
            for ar, en in read_pairs(root / "parallel" / f"{name}.ar-en.tsv.xz"):
                left, right = words_of(ar), words_of(en)
                if 0 < len(left) <= 30 and 0 < len(right) <= 30:
                    pairs.append((left, right))
        self.en_ar, self.ar_en = ibm1(pairs)
        self._names(root)

    def _names(self, root: Path) -> None:
        """Single words that the parallel sets did not teach: names, and WordNet's lemmas."""
        files = ("cldr", "hkiri-ne", "names-transliteration", "wordnet")
        en_ar: dict[str, Counter[str]] = defaultdict(Counter)
        ar_en: dict[str, Counter[str]] = defaultdict(Counter)
        for name in files:
            for ar, en in read_pairs(root / "lexicon" / f"{name}.ar-en.tsv.xz"):
                left, right = words_of(ar), words_of(en)
                if len(left) == len(right) <= 2:
                    for a, e in zip(left, right, strict=True):
                        en_ar[e][a] += 1
                        ar_en[a][e] += 1
        for learned, found in ((self.en_ar, en_ar), (self.ar_en, ar_en)):
            for word, others in found.items():
                if word not in learned:
                    learned[word] = [(w, float(n)) for w, n in others.most_common(3)]

    def word(self, word: str, chance: random.Random) -> str | None:
        """A translation of one word drawn by its weight, or None."""
        low = _MARKS.sub("", word.lower())
        entry = self.en_ar.get(low) or self.ar_en.get(low)
        if not entry:
            return None
        return chance.choices([w for w, _ in entry], [p for _, p in entry])[0]

    def text(self, text: str, rate: float, chance: random.Random) -> str:
        return self.example(Example("", text, 0, 0, ""), rate, chance).context

    def example(self, example: Example, rate: float, chance: random.Random) -> Example:
        """The context with a share ``rate`` of its words replaced; the span is carried over."""
        out: list[str] = []
        length = last = 0
        start = end = -1
        for match in _WORD.finditer(example.context):
            gap = example.context[last : match.start()]
            out.append(gap)
            length += len(gap)
            swap = chance.random() < rate and not any(c.isdigit() for c in match[0])
            new = self.word(match[0], chance) if swap else None
            piece = match[0] if new is None else new
            # A boundary inside a word goes to the word's edge when the word was replaced.
            for_start = match.start() <= example.start < match.end()
            if for_start:
                start = length + (example.start - match.start() if new is None else 0)
            if match.start() < example.end <= match.end():
                end = length + (example.end - match.start() if new is None else len(piece))
            out.append(piece)
            length += len(piece)
            last = match.end()
        out.append(example.context[last:])
        context = "".join(out)
        if start < 0:  # the answer opens with a sign, not a word
            start = context.find(example.context[example.start : example.end][:1])
        if end <= start:
            end = min(len(context), start + 1)
        return Example(example.question, context, start, end, example.source)
