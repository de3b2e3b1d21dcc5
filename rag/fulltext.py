"""The two legs that search words: BM25 over stems, and stems and names of the other script.

Both do bounded work: the commonest words of a question are left out once they would cost more
passages than they could tell apart.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.lexicon import Sought

Scored = list[tuple[int, float]]

_COMMON = 0.25  # share of the passages above which a stem says too little
_SMALL = 2000  # passages below which every stem is used
_KEPT = 2  # rarest stems that are used whatever they cost
_POSTINGS = 60_000  # passages that one question may touch through its stems
_CROSS_POSTINGS = 25_000  # the same through its translations, and through its names
_MOST_TERMS = 64  # distinct stems of one question
_SATURATED = 2.2  # k1 + 1: what BM25 multiplies an idf by at most
_TOGETHER = 0.5  # of the idf of two neighbours, added where they stand together
_BEST = 2000  # passages that one stem or name of the other script may bring


@dataclass(frozen=True, slots=True)
class Allowed:
    """Restricts a search to passages.

    Attributes:
        condition: SQL that is true for a row, with ``{row}`` for its id.
        values: Its parameters.
    """

    condition: str
    values: dict[str, str]


def lexical(
    db: sqlite3.Connection, terms: Sequence[str], k: int, total: int, allowed: Allowed | None
) -> Scored:
    """Best ``k`` passages by FTS5's BM25 over the stems, best first; higher is better.

    Stems that stand side by side in the question and in a passage, stop words left out, count once more: the
    parts of a name are often common words.
    """
    seen = _frequencies(db, "terms_seen", terms)
    kept = _affordable(seen, total)
    if not kept or k < 1:
        return []
    sums = dict(_found(db, "terms", " OR ".join(map(_quoted, kept)), k, allowed))
    _together(db, "terms", terms, kept, total, allowed, sums)
    return sorted(sums.items(), key=lambda item: (-item[1], item[0]))


def _together(
    db: sqlite3.Connection,
    table: str,
    terms: Sequence[str],
    kept: Sequence[str],
    total: int,
    allowed: Allowed | None,
    sums: dict[int, float],
) -> None:
    """Adds to the passages of ``sums`` what two neighbours among ``terms``, both in ``kept``, are worth in them."""
    plain, used = [term for term in map(_plain, terms) if term], set(kept)
    for left, right in dict.fromkeys(pairwise(plain)):
        if left == right or left not in used or right not in used:
            continue
        found = _found(db, table, _quoted(f"{left} {right}"), _BEST, allowed, ranked=False)
        if len(found) < _BEST:  # else it is as good as everywhere
            worth = _TOGETHER * idf(total, len(found))
            _add(sums, ((id_, worth) for id_, _ in found if id_ in sums))


def cross(
    db: sqlite3.Connection,
    groups: Sequence[Sequence[tuple[str, float]]],
    skeletons: Sequence[str],
    k: int,
    total: int,
    allowed: Allowed | None,
) -> Scored:
    """Best ``k`` passages for translated words, best first.

    Each group holds the translations of one word with their weights; in a passage the best of them
    counts (weight x BM25). Each skeleton found adds its idf, two that stand together as in the question half
    of theirs.
    """
    stems = [stem for group in groups for stem, _ in group]
    frequency = _frequencies(db, "terms_seen", stems, most=len(stems))
    kept = _affordable(frequency, total, _CROSS_POSTINGS)
    matches = {stem: _matches(db, "terms", stem, frequency[stem], total, allowed) for stem in kept}
    sums: dict[int, float] = {}
    for group in groups:
        best: dict[int, float] = {}
        for stem, weight in group:
            for id_, score in matches.get(_plain(stem), ()):
                best[id_] = max(best.get(id_, 0.0), weight * score)
        _add(sums, best.items())
    names = _frequencies(db, "skeletons_seen", skeletons)
    sought = _affordable(names, total, _CROSS_POSTINGS)
    for name in sought:
        worth = idf(total, names[name])
        rows = _matches(db, "skeletons", name, names[name], total, allowed)
        _add(sums, ((id_, worth) for id_, _ in rows))
    _together(db, "skeletons", skeletons, sought, total, allowed, sums)
    return sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:k]


def lexical_most(db: sqlite3.Connection, terms: Sequence[str], total: int) -> float:
    """About the highest score that ``lexical`` could give without neighbours: of a short passage with every stem, often.

    Stems that no passage holds count in full, so that a question in a language which the passages are
    not in scores low however few of its words are found.
    """
    seen = _frequencies(db, "terms_seen", terms)
    kept = set(_affordable(seen, total))
    wanted = list(dict.fromkeys(filter(None, map(_plain, terms))))[:_MOST_TERMS]
    return _SATURATED * sum(idf(total, seen.get(t, 0)) for t in wanted if t in kept or t not in seen)


def cross_most(
    db: sqlite3.Connection,
    groups: Sequence[Sequence[tuple[str, float]]],
    skeletons: Sequence[str],
    total: int,
) -> float:
    """The same for ``cross``: the best translation of every word, and every name."""
    stems = [stem for group in groups for stem, _ in group]
    seen = _frequencies(db, "terms_seen", stems, most=len(stems))

    def worth(group: Sequence[tuple[str, float]]) -> float:
        found = [weight * idf(total, seen[_plain(stem)]) for stem, weight in group if _plain(stem) in seen]
        return max(found, default=idf(total, 0))

    names = _frequencies(db, "skeletons_seen", skeletons)
    distinct = list(dict.fromkeys(filter(None, map(_plain, skeletons))))
    return _SATURATED * sum(map(worth, groups)) + sum(idf(total, names.get(name, 0)) for name in distinct)


def rarity(db: sqlite3.Connection, words: Sequence[Sought], total: int) -> list[float]:
    """The idf of each word of a question, in whichever form the passages hold it."""
    stems = [stem for word in words for stem in (*word.own, *(other for other, _ in word.others))]
    seen = _frequencies(db, "terms_seen", stems, most=len(stems))
    names = _frequencies(db, "skeletons_seen", [name for word in words for name in word.names])

    def frequency(word: Sought) -> int:
        own = min((seen.get(_plain(stem), 0) for stem in word.own), default=0)
        other = next((seen[_plain(stem)] for stem, _ in word.others if _plain(stem) in seen), 0)
        return max(own, other) or max((names.get(name, 0) for name in word.names), default=0)

    return [idf(total, frequency(word)) for word in words]


def shares(scored: Scored, most: float) -> Scored:
    """Scores as shares of the highest possible one, in the same order."""
    return [(id_, score / most) for id_, score in scored] if most > 0 else scored


def idf(total: int, frequency: int) -> float:
    """ln(1 + (N - n + 0.5) / (n + 0.5)), as in Lucene; above 0 for every n up to N."""
    return math.log1p((total - frequency + 0.5) / (frequency + 0.5))


def _add(sums: dict[int, float], scored: Iterable[tuple[int, float]]) -> None:
    for id_, score in scored:
        sums[id_] = sums.get(id_, 0.0) + score


def _plain(term: str) -> str:
    """A term as it can stand in the index: without what FTS5 splits at."""
    return term.replace("\0", "").strip()


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _found(
    db: sqlite3.Connection, table: str, match: str, most: int, allowed: Allowed | None, ranked: bool = True
) -> Scored:
    """At most ``most`` passages for an FTS5 expression: by its BM25, best first, or in no order with 0 each."""
    only = " AND " + allowed.condition.format(row=f"{table}.rowid") if allowed else ""
    score, order = (f"-bm25({table})", "ORDER BY score DESC, rowid ") if ranked else ("0.0", "")
    rows = db.execute(
        f"SELECT rowid, {score} AS score FROM {table} WHERE {table} MATCH :match{only} {order}LIMIT :most",
        {"match": match, "most": most, **(allowed.values if allowed else {})},
    )
    return [(int(id_), float(score)) for id_, score in rows]


def _frequencies(
    db: sqlite3.Connection, table: str, terms: Iterable[str], most: int = _MOST_TERMS
) -> dict[str, int]:
    """Passages that hold each term, terms of no passage left out."""
    distinct = list(dict.fromkeys(filter(None, map(_plain, terms))))[:most]
    found: dict[str, int] = {}
    for term in distinct:
        row = db.execute(f"SELECT doc FROM {table} WHERE term = ?", (term.lower(),)).fetchone()
        if row:
            found[term] = int(row[0])
    return found


def _affordable(frequency: dict[str, int], total: int, most: int = _POSTINGS) -> list[str]:
    """The terms to search with, rarest first, so that they touch at most about ``most`` passages."""
    kept: list[str] = []
    cost = 0
    for term, count in sorted(frequency.items(), key=lambda item: (item[1], item[0])):
        cost += count
        if len(kept) >= _KEPT and total > _SMALL and (count > _COMMON * total or cost > most):
            break
        kept.append(term)
    return kept


def _matches(
    db: sqlite3.Connection, table: str, term: str, frequency: int, total: int, allowed: Allowed | None
) -> list[tuple[int, float]]:
    """The best passages with ``term``, and their BM25 with the idf of ``idf``."""
    # FTS5 multiplies by its own idf, which it never lets fall to 0 or below.
    theirs = math.log((total - frequency + 0.5) / (frequency + 0.5)) if 2 * frequency < total else 0.0
    scale = idf(total, frequency) / max(theirs, 1e-6)
    return [(id_, score * scale) for id_, score in _found(db, table, _quoted(term), _BEST, allowed)]
