"""Makes a follow-up question understandable alone, from the conversation before it.

Two kinds need it: fragments ("and in Geneva?", "ومتى؟"), which take the sentence of the last
question, and questions with a pronoun that points outside them ("what did he say?", "ماذا قال؟"),
which take the person, place or thing last spoken of. Everything else is left as it was asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.clean import fold, language_of
from rag.errors import ModelError
from rag.places import by_name
from rag.pronouns import refer_ar, refer_en
from rag.referents import is_place, mentions
from rag.types import Language, Turn

Rewriter = Callable[[str, Sequence[Turn], Language], str]
"""A model's ``rewrite``: question, history, language of the question."""

LOOKED_BACK = 6  # turns


def standalone(question: str, history: Sequence[Turn], rewriter: Rewriter | None = None) -> str:
    """``question`` as it can be understood alone; the same text where it can already.

    Args:
        rewriter: A model that rewrites; its words are taken only where the rules find that something
            is missing, and only if they are one short line that brings in nothing unheard of.
    """
    question = " ".join(question.split())
    resolved: list[Turn] = []
    for turn in history[-LOOKED_BACK:]:
        resolved.append(Turn(_by_rules(turn.question, resolved), turn.answer))
    by_rules = _by_rules(question, resolved)
    if rewriter is None or by_rules == question:
        return by_rules
    try:
        written = rewriter(question, resolved, language_of(question)).strip().strip('"“”')
    except ModelError:  # answering will meet the same error and tell it
        return by_rules
    return written if _is_sound(written, question, resolved) else by_rules


# Fragments ----------------------------------------------------------------------------------------
_LEAD_EN = re.compile(
    r"^(?:(?:ok|okay|so|well|right|and|but|then|also),?\s+)*(?P<about>(?:what|how) about\s+)?", re.IGNORECASE
)
_ONLY_WH_EN = re.compile(
    r"^(?P<wh>when|where|why|how|who|which ones?|how many|how long|how much|since when|until when"
    r"|by whom|with whom)"
    r"(?:\s+(?:exactly|not|so|then|precisely))?$",
    re.IGNORECASE,
)
_FINITE_EN = re.compile(
    r"\b(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|may|might|must|am|who|what|when|"
    r"where|why|which)\b",
    re.IGNORECASE,
)
_PREPOSITIONS_EN = (
    "in|on|at|about|from|to|with|for|by|of|after|before|during|since|until|between|against|under"
)
_WH_EN = re.compile(
    r"^(?:when|where|why|who|whom|what|which|how many|how much|how long|how)\b(?P<rest>.*)$", re.IGNORECASE
)
_LEAD_AR = re.compile(
    r"^(?:(?:طيب|حسنا|اوكي|تمام|إذن|اذن|ثم|لكن|ولكن)،?\s+)*(?P<about>(?:و|ف)?(?:ماذا|ما|شو|ايش) عن\s+)?"
)
_ONLY_WH_AR = re.compile(
    r"^(?:و|ف)?(?P<wh>متى|متي|أين|اين|لماذا|ليش|ليه|كيف|من|كم|منذ متى|إلى متى|الى متى|أي|مع من|وين|إمتى|امتى)"
    r"(?:\s+(?:بالضبط|تحديدا|بالتحديد))?$"
)
_WH_AR = re.compile(
    r"^(?:و|ف)?(?:من\s+(?:هو|هي|هم|هما)|ما\s+(?:هو|هي|هم)|متى|متي|أين|اين|لماذا|كيف|ماذا|بماذا|كم|هل|من|ما|وين|ليش)\s+"
    r"(?P<rest>.*)$"
)
_PREPOSITIONS_AR = (
    "في",
    "عن",
    "على",
    "علي",
    "من",
    "إلى",
    "الى",
    "مع",
    "بعد",
    "قبل",
    "خلال",
    "منذ",
    "بين",
    "ضد",
    "حول",
)
_TIME = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|\w+day|(?:19|20)\d\d|"
    r"يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|كانون|شباط|آذار|نيسان|أيار|"
    r"حزيران|تموز|آب|أيلول|تشرين|الأحد|الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A question without a sentence of its own: a question word, or a phrase (with its preposition)."""

    wh: str = ""
    preposition: str = ""
    phrase: str = ""


def _by_rules(question: str, resolved: Sequence[Turn]) -> str:
    if not resolved or not question:
        return question
    arabic = language_of(question) == "ar"
    fragment = _fragment_ar(question) if arabic else _fragment_en(question)
    if fragment is not None:
        return _continued(fragment, resolved[-1].question)
    return (refer_ar if arabic else refer_en)(question, resolved)


def _fragment_en(question: str) -> _Fragment | None:
    bare = question.strip(" ?.!…")
    lead = _LEAD_EN.match(bare)
    rest = bare[lead.end() :] if lead else bare
    led = len(rest) < len(bare)
    if match := _ONLY_WH_EN.match(rest):
        return _Fragment(wh=match["wh"])
    match = re.match(rf"(?P<prep>{_PREPOSITIONS_EN})\s+(?P<phrase>.+)$", rest, re.IGNORECASE)
    if _FINITE_EN.search(rest) or len(rest.split()) > 6 or not rest or not (led or match):
        return None
    return _Fragment("", match["prep"].lower(), match["phrase"]) if match else _Fragment(phrase=rest)


def _fragment_ar(question: str) -> _Fragment | None:
    bare = question.strip(" ؟?.!…")
    lead = _LEAD_AR.match(bare)
    about = bool(lead and lead["about"])
    rest = bare[lead.end() :] if lead else bare
    if match := _ONLY_WH_AR.match(rest):
        return _Fragment(wh=match["wh"])
    words = rest.split()
    if not words or len(words) > 5:
        return None
    if about:
        return _Fragment(phrase=rest)
    joined = words[0][:1] in "وف" and len(words[0]) > 2
    first = words[0][1:] if joined else words[0]
    asks = len(words) > 1 and _ONLY_WH_AR.match(words[1])
    if first in _PREPOSITIONS_AR and len(words) in (2, 3) and not _WH_AR.match(rest) and not asks:
        return _Fragment("", first, " ".join(words[1:]))
    if joined and len(words) <= 3 and (first.startswith("ال") or is_place(first)):
        return _Fragment(phrase=" ".join([first, *words[1:]]))
    return None


def _continued(fragment: _Fragment, before: str) -> str:
    """The last question with the fragment in the place of what it replaces."""
    mark = "؟" if language_of(before) == "ar" else "?"
    bare = before.strip(" ؟?.!")
    if fragment.wh:
        return _asked_anew(fragment.wh, bare) + mark
    phrase = fragment.phrase
    swapped = None
    if fragment.preposition:
        swapped = _swap_phrase(bare, fragment.preposition, phrase)
    if swapped is None:
        swapped = _swap_same_kind(bare, phrase, bool(fragment.preposition))
    if swapped is None:
        joint = fragment.preposition or ("بخصوص" if language_of(phrase) == "ar" else "regarding")
        swapped = f"{bare} {joint} {phrase}"
    return swapped + mark


def _asked_anew(wh: str, bare: str) -> str:
    match = _WH_AR.match(bare) if language_of(bare) == "ar" else _WH_EN.match(bare)
    rest = match["rest"].strip() if match else bare
    if not match and language_of(bare) != "ar" and _FINITE_EN.match(rest):
        rest = rest[0].lower() + rest[1:]
    wh = wh if language_of(wh) == "ar" else wh[0].upper() + wh[1:]
    return f"{wh} {rest}"


def _swap_phrase(bare: str, preposition: str, phrase: str) -> str | None:
    """Replaces ``preposition …`` in the question, where what follows it is of the same kind."""
    english = _PREPOSITIONS_EN if language_of(bare) != "ar" else "|".join(_PREPOSITIONS_AR)
    pattern = rf"(?<!\w){preposition}\s+((?:(?!(?:{english})\b)\S+\s*){{1,4}})"
    for match in reversed(list(re.finditer(pattern, bare, re.IGNORECASE))):
        if _kind(match[1]) == _kind(phrase):
            tail = " " if match[1].endswith(" ") else ""
            return f"{bare[: match.start(1)]}{phrase}{tail}{bare[match.end(1) :]}".strip()
    return None


def _swap_same_kind(bare: str, phrase: str, has_preposition: bool) -> str | None:
    kind = _kind(phrase)
    if kind == "time":
        match = _TIME.search(bare)
        return f"{bare[: match.start()]}{phrase}{bare[match.end() :]}" if match else None
    if kind == "place":
        for word in re.finditer(r"\w[\w\-]*", bare):
            if is_place(word.group()):
                kept = _particles(word.group())
                return f"{bare[: word.start()]}{kept}{phrase}{bare[word.end() :]}"
    elif not has_preposition:
        turns = [Turn(bare, "")]
        for name in (*mentions(turns, "person"), *mentions(turns, "group"), *mentions(turns, "thing")):
            if name in bare:
                return bare.replace(name, phrase)
            if name.removeprefix("the ") in bare:
                return bare.replace(name.removeprefix("the "), phrase.removeprefix("the "))
    return None


def _particles(word: str) -> str:
    """What is written onto an Arabic place: the «ل» of «لتركيا»."""
    plain = fold(word).lower()
    return "" if plain in by_name() or plain[0] not in "وفبلك" else word[0]


def _kind(phrase: str) -> str:
    return "time" if _TIME.search(phrase) else "place" if is_place(phrase) else "other"


def _is_sound(written: str, question: str, resolved: Sequence[Turn]) -> bool:
    """Whether a model's rewriting is one short line whose names and numbers were all heard before."""
    if not written or "\n" in written or len(written) > 3 * len(question) + 200:
        return False
    if language_of(written) != language_of(question):
        return False
    heard = fold(" ".join([question, *(f"{turn.question} {turn.answer}" for turn in resolved)])).lower()
    known = set(re.findall(r"\w+", heard))
    new = [word for word in re.findall(r"\w+", fold(written).lower()) if word not in known]
    return len(new) <= max(2, len(written.split()) // 3) and not any(word.isdigit() for word in new)
