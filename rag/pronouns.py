"""Pronouns and left-out subjects of a follow-up question, replaced by what they point at.

A pronoun that finds its noun earlier in the same question stays. Where nothing in the conversation
fits, the last question is added in brackets, which is enough for a search.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.clean import fold
from rag.referents import Kind, is_saying, mentions
from rag.types import Turn

_PRONOUN_EN = re.compile(
    r"\b(?P<word>he|him|his|she|hers|her|it|its|they|them|their|theirs|there|that|this|those|these)\b(?P<own>['’]s\b)?",
    re.IGNORECASE,
)
_POSSESSIVE = frozenset({"his", "its", "their", "hers", "theirs"})
_PERSON = frozenset({"he", "him", "his", "she", "her", "hers"})
# "is it true that", "it is", "is there", "there are", "who is it that", "that" before a clause.
_EMPTY_IT = re.compile(
    r"\bit (?:true|possible|known|clear|correct|right|said|reported|likely)\b|\bit that\b", re.IGNORECASE
)
_EXISTS = re.compile(
    r"\b(?:is|are|was|were|has|have|be|been|will|if|whether)\s+there\b|\bthere\s+(?:is|are|was|were|will|has|have|be|any|a)\b",
    re.IGNORECASE,
)
_LEAD_EN = re.compile(r"^(?:(?:and|but|so|ok|okay|well|then|also),?\s+)+", re.IGNORECASE)
_EVENT = re.compile(
    r"\b(?P<word>that|this)\b\s*(?P<tail>$|\?|happen|occur|mean|take place|come about|in\b|on\b|before\b)",
    re.IGNORECASE,
)

_PREPOSITION_AR = {
    "عن": "عن", "ل": "ل", "ب": "ب", "في": "في", "مع": "مع", "من": "من", "الي": "إلى", "علي": "على",
    "لدي": "لدى", "بين": "بين", "حول": "حول", "بعد": "بعد", "قبل": "قبل", "ضد": "ضد", "عند": "عند",
    "امام": "أمام", "خلال": "خلال",
}  # fmt: skip
_SUFFIX = re.compile(r"^(?P<stem>\w+?)(?P<suffix>هما|هم|هن|ها|ه)$")
# Words that only look as if they carried a pronoun.
_WHOLE = re.compile(
    r"(?:[وفسل]?[ايتن]?ت?(?:وجه|واجه|تجه|نبه|نوه|شابه|نتبه|توجه))|هذه|هاته|مياه|اتجاه|تجاه|باتجاه|انتباه|شبه|وجه|فقه|نزيه|"
    r"تفاهم|اسهم|مهم|اهم|درهم|اتهم|يتهم|تتهم|ساهم|يساهم|تساهم|مساهم|متهم|فهم|يفهم|منها|بعضهم|كلهم|كلها|كله|انه|انها|انهم|"
    r"بانه|بانها|لانه|لانها|وحده|وحدها|طه|عبده|نفسه|نفسها|انفسهم|الله|منتهي|سفيه|كريه|مكروه|جهه|واجهه"
)
_ROOT_AL = ("التزام", "التحاق", "التقا", "الغا", "التماس", "التفاف", "الهام", "القا")  # not the article
_ASKING_AR = re.compile(
    r"^(?:و|ف)?(?:ماذا|ما|متي|اين|كيف|لماذا|هل|كم|من|بماذا|لمن|الي اين|من اين|عم|عماذا|منذ متي)$"
)
_AFTER_VERB_WORDS = (
    "عن في بعد قبل ان انه علي الي من ذلك هذا يوم امس اليوم مع خلال حول بشان ب ل لدي هناك عندما حين بين"
)
_AFTER_VERB = frozenset(_AFTER_VERB_WORDS.split())
_RELATIVE = frozenset({"الذي", "التي", "الذين", "اللذان", "اللتان"})
_WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")


def refer_en(question: str, turns: Sequence[Turn]) -> str:
    """An English question with its pronouns replaced."""
    bare = _LEAD_EN.sub("", question)
    bare = bare[:1].upper() + bare[1:] if bare != question else question
    if event := _EVENT.search(bare):
        return _in_brackets(bare, turns) if not _earlier_en(bare, event.start()) else question
    changed, done = "", 0
    for match in _PRONOUN_EN.finditer(bare):
        word = match["word"].lower()
        if word in ("that", "this", "those", "these") or _is_empty(bare, match):
            continue
        if word == "there" and not re.match(r"\s*(?:\?|$|and|or|,)", bare[match.end() :]):
            continue
        if _earlier_en(bare, match.start(), _kinds_en(word)):
            continue
        referent = _first(turns, _kinds_en(word))
        if referent is None:
            return question if changed else _in_brackets(bare, turns)
        changed += bare[done : match.start()] + _in_place_en(word, referent, bare[match.end() :])
        done = match.end()
    if changed:
        return changed + bare[done:]
    return bare if bare != question and len(bare.split()) > 2 else question


def _is_empty(bare: str, match: re.Match[str]) -> bool:
    near = bare[max(0, match.start() - 12) : match.end() + 12]
    word = match["word"].lower()
    return (word == "it" and bool(_EMPTY_IT.search(near))) or (word == "there" and bool(_EXISTS.search(near)))


def _earlier_en(bare: str, place: int, kinds: Sequence[Kind] = ("person", "place", "thing")) -> bool:
    """Whether the question itself names something before the pronoun that it can mean."""
    if kinds == ("place",):
        return False
    before = [Turn(bare[:place], "")]
    asked = re.search(
        r"\b(?:which|what|how many)\s+(?!did|does|do|is|are|was|were|has|have|had|will|can|could|would)\w+",
        bare[:place],
        re.IGNORECASE,
    )
    return bool(asked) or any(True for kind in kinds for _ in mentions(before, kind))


def _kinds_en(word: str) -> tuple[Kind, ...]:
    if word in _PERSON:
        return ("person",)
    if word in ("it", "its"):
        return ("thing", "place")
    return ("place",) if word == "there" else ("group", "thing", "person")


def _in_place_en(word: str, referent: str, after: str) -> str:
    if word == "there":
        return f"in {referent}"
    owned = word in _POSSESSIVE or (word == "her" and re.match(r"\s+\w", after) is not None)
    return referent + ("’" if referent.endswith("s") else "’s") if owned else referent


def _first(turns: Sequence[Turn], kinds: Sequence[Kind]) -> str | None:
    """The latest mention of one of ``kinds``: turn by turn, and in a turn in the order of ``kinds``."""
    for last in range(len(turns), 0, -1):
        for kind in kinds:
            for mention in mentions(turns[last - 1 : last], kind):
                return mention
    return None


def _in_brackets(question: str, turns: Sequence[Turn]) -> str:
    before = turns[-1].question.strip(" ?؟.!")
    body = question.rstrip(" ?؟")
    return f"{body} ({before}){question[len(body) :].strip() or '?'}"


def refer_ar(question: str, turns: Sequence[Turn]) -> str:
    """An Arabic question with its pronouns replaced and a left-out subject put in."""
    bare = re.sub(r"^و(?=(?:ماذا|ما|متى|أين|اين|كيف|لماذا|هل|كم|من|بماذا)\s)", "", question)
    words = list(_WORD.finditer(bare))
    plain = [fold(word.group()) for word in words]
    for place, word in enumerate(words):
        changed = _subject_ar(bare, words, plain, place, turns) or _suffix_ar(
            bare, words, plain, place, turns
        )
        if changed is None and plain[place] in ("هو", "هي", "هم", "هما") and _points_back(plain, place):
            referent = _first(turns, _kinds_ar({"هو": "ه", "هي": "ها"}.get(plain[place], "هم")))
            changed = (
                f"{bare[: word.start()]}{referent}{bare[word.end() :]}"
                if referent
                else _in_brackets(bare, turns)
            )
        last = place == len(words) - 1 and place > 0
        if changed is None and plain[place] == "هناك" and last and (spot := _first(turns, ("place",))):
            changed = f"{bare[: word.start()]}في {spot}{bare[word.end() :]}"
        if changed is not None:
            return changed
    if plain[-1:] in (["ذلك"], ["هذا"]) or any(one in ("حدث", "حصل", "جري") for one in plain[-2:-1]):
        return _in_brackets(bare, turns)
    return bare if bare != question and len(plain) > 2 else question


def _subject_ar(
    bare: str, words: Sequence[re.Match[str]], plain: Sequence[str], place: int, turns: Sequence[Turn]
) -> str | None:
    """Puts in the subject of a verb that has none: «ماذا قال عن إيران؟»."""
    word = plain[place]
    asked = 0 < place <= 3 and _ASKING_AR.match(" ".join(plain[:place])) is not None
    relative = place > 0 and plain[place - 1] in _RELATIVE
    stem = _SUFFIX.match(word)
    core = stem["stem"] if stem and relative and not _WHOLE.fullmatch(word) else word
    if not is_saying(core) or not (asked or (relative and core != word)):
        return None
    after = plain[place + 1] if place + 1 < len(plain) else ""
    if after and after not in _AFTER_VERB and not after.startswith(("لل", "بال")):
        return None
    if plain[place - 1] == "من" and place == 1:
        return None  # «من قال…» asks for the subject
    kinds: tuple[Kind, ...] = ("group", "person", "thing") if core.endswith(("وا", "ون")) else ("person",)
    referent = _first(turns, kinds)
    if referent is None:
        return None
    end = words[place].end()
    if after == "هناك" and place + 2 == len(plain) and (spot := _first(turns, ("place",))):
        return f"{bare[:end]} في {spot}{bare[words[place + 1].end() :]}"
    return f"{bare[:end]} {referent}{bare[end:]}"


def _suffix_ar(
    bare: str, words: Sequence[re.Match[str]], plain: Sequence[str], place: int, turns: Sequence[Turn]
) -> str | None:
    """Replaces the pronoun at the end of a preposition, noun or verb: «عنه», «موقفه», «وقعه»."""
    word = plain[place]
    match = _SUFFIX.match(word)
    written = words[place].group()
    defined = word.startswith("ال") and not word.startswith(_ROOT_AL)
    if not match or written.endswith("ة") or _WHOLE.fullmatch(word) or defined:
        return None
    stem, suffix = match["stem"], match["suffix"]
    preposition = _PREPOSITION_AR.get(stem.removeprefix("و") if len(stem) > 3 else stem)
    if preposition is None and (len(stem) < 3 or place == 0 or _within(plain, place)):
        return None
    if preposition is not None and (_within(plain, place) or (stem in ("ل", "ب") and place == 0)):
        return None
    referent = _first(turns, _kinds_ar(suffix))
    if referent is None:
        return _in_brackets(bare, turns)
    kept = preposition or written[: len(written) - len(suffix)]
    if kept == "ل":
        joined = "لل" + referent[2:] if referent.startswith("ال") else "ل" + referent
    else:
        joined = f"ب{referent}" if kept == "ب" else f"{kept} {referent}"
    return bare[: words[place].start()] + joined + bare[words[place].end() :]


def _within(plain: Sequence[str], place: int) -> bool:
    """Whether the pronoun may well mean a word before it in the question itself."""
    before = plain[:place]
    return (
        any(word in _RELATIVE for word in before)
        or any(word.startswith(("ال", "وال", "لل", "بال")) and word not in _RELATIVE for word in before)
        or any(list(mentions([Turn(" ".join(before), "")], kind)) for kind in ("person", "place"))
    )


def _points_back(plain: Sequence[str], place: int) -> bool:
    """Whether هو stands for something, and is not the copula of «من هو لافروف»."""
    before = plain[place - 1] if place else ""
    copula = before in ("من", "ما", "ومن", "وما", "مين") and place + 1 < len(plain)
    return (
        not copula
        and not _within(plain, place)
        and (place == len(plain) - 1 or before in ("هل", "اين", "متي", "كيف", "لماذا", ""))
    )


def _kinds_ar(suffix: str) -> tuple[Kind, ...]:
    if suffix == "ه":
        return ("person", "thing")
    if suffix == "ها":
        return ("thing", "person", "place")
    return ("group", "person", "thing")
