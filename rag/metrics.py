"""The figures of the evaluation, as pure functions, each with the paper that it comes from.

Ranks count from 1; ``None`` is a gold item that was not found, which scores 0 and stays in the
denominator. Denominators come from the gold set, never from what was retrieved.
"""

from __future__ import annotations

import math
import random
import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass

_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_LETTERS = str.maketrans("أإآٱىة", "اااايه")
_PUNCTUATION = set(string.punctuation) | set("،؛؟«»“”‘’…–—٪٫٬")


def normalise_answer(text: str) -> str:
    """Lower-cased, without punctuation and articles, Arabic letters folded, digits ASCII.

    SQuAD's normalisation (Rajpurkar et al. 2016), plus for Arabic: vowel marks and tatweel
    dropped, alef forms, alef maqsura and ta marbuta unified, and the article ال taken off words
    of more than four letters.
    """
    text = _MARKS.sub("", text.lower()).translate(_LETTERS)
    text = "".join(
        str(unicodedata.digit(c, -1)) if c.isdigit() and unicodedata.digit(c, -1) >= 0 else c
        for c in text
        if c not in _PUNCTUATION
    )
    words = _ARTICLES.sub(" ", text).split()
    return " ".join(w[2:] if w.startswith("ال") and len(w) > 4 else w for w in words)


def exact_match(answer: str, gold: str) -> float:
    """1 when both are the same after ``normalise_answer`` (Rajpurkar et al. 2016)."""
    return float(normalise_answer(answer) == normalise_answer(gold))


def token_f1(answer: str, gold: str) -> float:
    """Harmonic mean of precision and recall of the words in common (Rajpurkar et al. 2016)."""
    left, right = normalise_answer(answer).split(), normalise_answer(gold).split()
    if not left or not right:
        return float(left == right)
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def best_match(metric: Callable[[str, str], float], answer: str, golds: Sequence[str]) -> float:
    """The best value over all accepted answers."""
    return max((metric(answer, gold) for gold in golds), default=0.0)


# ------------------------------------------------------------------ retrieval


def recall_at(k: int, ranks: Sequence[int | None]) -> float:
    """Share of the gold items among the first ``k`` (Manning, Raghavan & Schütze 2008, ch. 8)."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """1 over the rank of the first gold item, 0 without one; its mean is MRR (Voorhees 1999)."""
    found = [rank for rank in ranks if rank is not None]
    return 1 / min(found) if found else 0.0


def ndcg_at(k: int, ranks: Sequence[int | None], gains: Sequence[float] | None = None) -> float:
    """Σ gain / log2(1 + rank) over the first ``k``, by the best that the gold allows.

    Järvelin & Kekäläinen 2002, with the linear gain of trec_eval.

    Args:
        ranks: One for each gold item.
        gains: The grades of those items; all 1 when left out.
    """
    grades = [1.0] * len(ranks) if gains is None else list(gains)
    best = sum(gain / math.log2(1 + place) for place, gain in enumerate(sorted(grades, reverse=True)[:k], 1))
    pairs = zip(ranks, grades, strict=True)
    got = sum(gain / math.log2(1 + rank) for rank, gain in pairs if rank is not None and rank <= k)
    return got / best if best else 0.0


def ranks_of(gold: Collection[Hashable], ranking: Sequence[Hashable]) -> list[int | None]:
    """The rank of each gold item in ``ranking``, which may name an item more than once: the best counts."""
    first: dict[Hashable, int] = {}
    for item in ranking:
        first.setdefault(item, len(first) + 1)
    return [first.get(item) for item in gold]


# ------------------------------------------------------------------ citations


def precision_recall(right: int, cited: int, shown: int, gold: int) -> tuple[float, float]:
    """Share of the citations that support, and share of the gold that is shown, after ALCE (Gao et al. 2023).

    ALCE lets a model judge support; here a citation supports when its span shows a gold quote.
    Without citations precision is 0 where there was gold to cite, 1 where there was none.
    """
    precision = right / cited if cited else float(gold == 0)
    return precision, shown / gold if gold else 1.0


# ------------------------------------------------------------------ abstention and confidence


def hallucination_and_error(answerable: Sequence[bool], abstained: Sequence[bool]) -> tuple[float, float]:
    """Share of the unanswerable that were answered, and of the answerable that were not (Thakur et al. 2024).

    NoMIRACL's two rates; an empty side is 0.
    """
    pairs = list(zip(answerable, abstained, strict=True))
    false = [not silent for can, silent in pairs if not can]
    missed = [silent for can, silent in pairs if can]
    return mean(false), mean(missed)


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """``(coverage, risk)`` when only the most confident are answered (El-Yaniv & Wiener 2010).

    One point for every distinct confidence, from the highest; risk is the share of wrong answers
    among those given.
    """
    order = sorted(zip(confidence, right, strict=True), key=lambda pair: -pair[0])
    points: list[tuple[float, float]] = []
    wrong = 0
    for given, (score, good) in enumerate(order, 1):
        wrong += not good
        if given == len(order) or order[given][0] != score:
            points.append((given / len(order), wrong / given))
    return points


def area_under_risk(points: Sequence[tuple[float, float]]) -> float:
    """Mean risk over all coverages, each point holding back to the one before (Geifman & El-Yaniv 2017)."""
    area, before = 0.0, 0.0
    for coverage, risk in points:
        area += (coverage - before) * risk
        before = coverage
    return area


def calibration_error(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error over bins of equal width (Guo et al. 2017); confidences lie in 0 to 1."""
    members: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, good in zip(confidence, right, strict=True):
        members[min(int(score * bins), bins - 1)].append((score, good))
    gaps = [abs(sum(good for _, good in bin_) - sum(score for score, _ in bin_)) for bin_ in members.values()]
    return sum(gaps) / len(confidence) if confidence else 0.0


# ------------------------------------------------------------------ means, intervals, differences


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the bounds between which resampled means lie."""

    value: float
    low: float
    high: float


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of none."""
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile (``share`` 0 to 1); 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def bootstrap(
    values: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    level: float = 0.95,
    rounds: int = 1000,
    seed: int = 7,
) -> Interval:
    """The mean with its percentile interval under resampling (Efron & Tibshirani 1993, ch. 13).

    Args:
        groups: Resampled whole, for values that hang together: translations of a question, the
            questions of one paragraph. Each value by itself when left out.
    """
    sums = _by_group(values, groups)
    if not sums:
        return Interval(0.0, 0.0, 0.0)
    draw = random.Random(seed)
    means = sorted(_ratio(draw.choices(sums, k=len(sums))) for _ in range(rounds))
    low, high = means[int((1 - level) / 2 * rounds)], means[min(rounds - 1, int((1 + level) / 2 * rounds))]
    return Interval(mean(values), low, high)


def _by_group(values: Sequence[float], groups: Sequence[Hashable] | None) -> list[tuple[float, int]]:
    if groups is None:
        return [(value, 1) for value in values]
    sums: dict[Hashable, tuple[float, int]] = {}
    for value, group in zip(values, groups, strict=True):
        total, count = sums.get(group, (0.0, 0))
        sums[group] = (total + value, count + 1)
    return list(sums.values())


def _ratio(sums: Sequence[tuple[float, int]]) -> float:
    return sum(total for total, _ in sums) / sum(count for _, count in sums)


def paired_permutation(
    left: Sequence[float],
    right: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    rounds: int = 10_000,
    seed: int = 7,
) -> float:
    """Two-sided p of the mean difference when each pair's sign is a coin's (Smucker et al. 2007).

    With ``groups``, all pairs of a group are flipped together. The observed signs count as one
    round, so that p is never 0.
    """
    differences = [b - a for a, b in zip(left, right, strict=True)]
    flips = [total for total, _ in _by_group(differences, groups) if total]
    observed = abs(sum(flips))
    draw = random.Random(seed)
    bits = [draw.getrandbits(len(flips)) if flips else 0 for _ in range(rounds)]
    extreme = sum(
        abs(sum(total if pattern >> place & 1 else -total for place, total in enumerate(flips)))
        >= observed - 1e-12
        for pattern in bits
    )
    return (extreme + 1) / (rounds + 1)
