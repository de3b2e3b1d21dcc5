"""Whether two short texts say the same, in one language or two: names, numbers, and what turns a statement."""

from __future__ import annotations

from functools import lru_cache

from rag.clean import fold
from rag.names import skeleton, spelled_alike


def key_of(text: str) -> frozenset[str]:
    """Stems of the words, with names by their skeletons, so that spellings and scripts agree."""
    return frozenset(_spellings(text)) or frozenset(fold(text).split())


def alike(one: str, other: str, within: bool) -> bool:
    """Whether two spans say the same: equal, or (``within``) the words of one among those of the other.

    Numbers, what comes before or after, and what is denied must be the same; names written in one script
    must be spelled alike, since حسن and حسين have the same consonants.
    """
    if amounts(one) != amounts(other) or relations(one) != relations(other):
        return False
    if told_apart(one, other):
        return False
    left, right = _key(one), _key(other)
    shared = left & right
    return left == right or (within and bool(shared) and len(shared) == min(len(left), len(right)))


def told_apart(one: str, other: str) -> bool:
    """Whether two spans hold names with the same consonants that are not spelled alike."""
    spelled, known = _spellings(one), _spellings(other)
    return not all(spelled_alike(spelled[key], known[key]) for key in spelled.keys() & known.keys())


@lru_cache(maxsize=4096)
def _key(text: str) -> frozenset[str]:
    """As ``key_of``, with numbers and dates by their values."""
    from rag.dates import dates_in
    from rag.numbers import numbers_in

    told = [(d.span, f"@{d.year}-{d.month}-{d.day}-{d.weekday}") for d in dates_in(text)]
    dated = [span for span, _ in told]
    told += [
        (n.span, f"#{n.value}")
        for n in numbers_in(text)
        if not any(n.span.start < end and start < n.span.end for start, end in dated)
    ]
    rest = text
    for (start, end), _ in told:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    values = frozenset(value for _, value in told)
    return values | key_of(rest) if any(map(str.isalnum, rest)) else values or key_of(text)


@lru_cache(maxsize=4096)
def amounts(text: str) -> tuple[tuple[float, bool], ...]:
    """The values of a text's numbers, and which are percentages; "one" may be a pronoun and is left out."""
    from rag.numbers import numbers_in

    return tuple(sorted((n.value, n.percent) for n in numbers_in(text) if n.value != 1 and not n.ordinal))


_RELATIONS = {
    "before": "before قبل", "after": "after بعد", "since": "since منذ", "until": "until till حتى", "without": "without دون بدون",
    "not": "not no never لا لم لن ليس ليست غير",
}  # fmt: skip
_RELATION_OF = {fold(word): name for name, words in _RELATIONS.items() for word in words.split()}


@lru_cache(maxsize=4096)
def relations(text: str) -> frozenset[str]:
    """The words of a text that turn what it says: before, after, not, …"""
    return frozenset(_RELATION_OF[word] for word in fold(text).split() if word in _RELATION_OF)


@lru_cache(maxsize=4096)
def _spellings(text: str) -> dict[str, str]:
    """The stems of a text by their keys, as in ``key_of``."""
    from rag.lexical import terms

    return {skeleton(term) or term: term for term in terms(text)}
