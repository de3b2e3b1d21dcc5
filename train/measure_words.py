"""Measures the lexical parts: skeletons on name pairs, and the word legs of retrieval on their own.

    python -m train.measure_words --data FOLDER

Names: all pairs of single words. ``equal`` is the share of pairs whose skeletons agree, ``false`` the
chance that those of words of two different pairs do. The rules were chosen on 8,000 pairs of each of
the two large sets and on all of the two small ones.
Legs: XQuAD's development half
with news (Arabic) or SQuAD's training passages (English) as distractors, passages uncut, recall at 1
and at 10, with this file's own plain BM25.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rag.lexical import terms
from rag.lexicon import cross_query, lexicon
from rag.names import skeleton, skeletons
from train.data import data_root, read_jsonl, read_pairs

NAME_SETS = ("hkiri-ne", "names-transliteration", "anetac-ne", "palestinian-name-tokens")


def measure_names(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Share of equal skeletons among pairs, and among all words of both sides."""
    keys = [(skeleton(arabic), skeleton(english)) for arabic, english in pairs]
    equal = sum(a == e != "" for a, e in keys)
    left, right = Counter(a for a, _ in keys if a), Counter(e for _, e in keys if e)
    matches = sum(count * right[key] for key, count in left.items())
    return equal / len(keys), (matches - equal) / (len(keys) * (len(keys) - 1))


class Bm25:
    """BM25 with k1 1.2 and b 0.75 over lists of terms."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self.postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.lengths: list[int] = []
        for number, text in enumerate(texts):
            self.lengths.append(len(text))
            for term, count in Counter(text).items():
                self.postings[term].append((number, count))
        self.mean = sum(self.lengths) / len(self.lengths)

    def idf(self, term: str) -> float:
        found = len(self.postings.get(term, ()))
        return math.log1p((len(self.lengths) - found + 0.5) / (found + 0.5))

    def scores(self, term: str) -> Iterator[tuple[int, float]]:
        idf = self.idf(term)
        for number, count in self.postings.get(term, ()):
            weight = count + 1.2 * (0.25 + 0.75 * self.lengths[number] / self.mean)
            yield number, idf * count * 2.2 / weight


def cross_scores(question: str, words: Bm25, names: Bm25) -> dict[int, float]:
    """As the index scores the cross-script leg: the best translation of each word, idf of each name."""
    groups, bones = cross_query(question, lexicon())
    sums: dict[int, float] = defaultdict(float)
    for group in groups:
        best: dict[int, float] = {}
        for term, weight in group:
            for number, score in words.scores(term):
                best[number] = max(best.get(number, 0.0), weight * score)
        for number, score in best.items():
            sums[number] += score
    for bone in bones:
        for number, _ in names.postings.get(bone, ()):
            sums[number] += names.idf(bone)
    return sums


def lexical_scores(question: str, words: Bm25) -> dict[int, float]:
    sums: dict[int, float] = defaultdict(float)
    for term in set(terms(question)):
        for number, score in words.scores(term):
            sums[number] += score
    return sums


def recall(ranked: Iterable[tuple[dict[int, float], int]]) -> str:
    first = tenth = total = 0
    for scores, gold in ranked:
        top = sorted(scores, key=lambda number: (-scores[number], number))[:10]
        first += top[:1] == [gold]
        tenth += gold in top
        total += 1
    return f"R@1 {100 * first / total:.1f}  R@10 {100 * tenth / total:.1f}"


def measure_legs(root: Path, distractors: int) -> None:
    rows = {lang: list(read_jsonl(root / "xquad" / f"xquad-dev.{lang}.jsonl.xz")) for lang in ("ar", "en")}
    extra = {
        "ar": ("news/antcorpus.ar.jsonl.xz", "content"),
        "en": ("squad/squad-v1.1-train.jsonl.xz", "context"),
    }
    for passages in ("ar", "en"):
        name, field = extra[passages]
        texts = [row["context"] for row in rows[passages]]
        texts += [row[field] for row, _ in zip(read_jsonl(root / name), range(distractors), strict=False)]
        words = Bm25(terms(text) for text in texts)
        names = Bm25(skeletons(text) for text in texts)
        for asked in ("ar", "en"):
            questions = [(qa["question"], i) for i, row in enumerate(rows[asked]) for qa in row["qas"]]
            if asked == passages:
                found = recall((lexical_scores(question, words), gold) for question, gold in questions)
            else:
                found = recall((cross_scores(question, words, names), gold) for question, gold in questions)
            print(f"{asked} questions, {passages} passages: {found}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of the data sets (else SANAD_DATA)")
    parser.add_argument("--distractors", type=int, default=5000)
    options = parser.parse_args()
    root = data_root(options.data)
    for name in NAME_SETS:
        pairs = set(read_pairs(root / "lexicon" / f"{name}.ar-en.tsv.xz"))
        single = sorted((a, e) for a, e in pairs if " " not in a + e and min(len(a), len(e)) > 2)
        equal, false = measure_names(single)
        print(f"{name}, {len(single):,} pairs: equal {100 * equal:.1f} %, false {100 * false:.3f} %")
    measure_legs(root, options.distractors)


if __name__ == "__main__":
    main()
