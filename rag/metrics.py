"""Answer metrics: exact match and token F1 after SQuAD, with documented Arabic folding."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

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
    return float(normalise_answer(answer) == normalise_answer(gold))


def token_f1(answer: str, gold: str) -> float:
    """Harmonic mean of precision and recall of the words in common."""
    left, right = normalise_answer(answer).split(), normalise_answer(gold).split()
    if not left or not right:
        return float(left == right)
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def best_match(metric: Callable[[str, str], float], answer: str, golds: Sequence[str]) -> float:
    """The best value over all accepted answers."""
    return max((metric(answer, gold) for gold in golds), default=0.0)
