"""What a conversation has spoken of, for pronouns to point at: persons, places, things, groups.

Found by writing and position alone (capital letters, titles, verbs of saying, articles), in the
questions first and in the answers where a question names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from rag.agree import is_common
from rag.clean import fold, language_of
from rag.places import by_name
from rag.types import Turn

Kind = Literal["person", "place", "thing", "group"]

_MARKER = re.compile(r"\s*\[[\d, ]+\]")
_TOKEN = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")

# English ------------------------------------------------------------------------------------------
_TITLES_WORDS = """
    president minister prime foreign defence defense mr mrs ms dr king queen prince general colonel
    secretary envoy ambassador spokesman spokeswoman the a an yes no
"""
_TITLES = frozenset(_TITLES_WORDS.split())
_BODIES_WORDS = """
    committee coalition front ministry council nations army agency party union league states conference
    forces organisation organization group bank court office government republic parliament daesh isis
"""
_BODIES = frozenset(_BODIES_WORDS.split())
_TIMES_WORDS = """
    january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday
"""
_TIMES = frozenset(_TIMES_WORDS.split())
_BETWEEN = r"(?:de|la|al|bin|ibn|van|von|of the|of)"
_RUN = re.compile(
    rf"[A-Z][\w’'\-]*(?:\s+(?:{_BETWEEN}\s+)?(?:[A-Z][\w’'\-]*|al-[A-Z][\w\-]*))*|al-[A-Z][\w\-]*"
)
_CLOSED_WORDS = """
    who what when where why how which whose is are was were be been did does do has have had will would
    can could should may in on at of to for from by with about after before during between against and
    or but that if not as say said tell told sign signed announce announced mention mentioned happen
    happened take took place begin began start started end ended hold held cover reach reached include
    included mean
"""
_OPENING_WORDS = """
    yesterday today tomorrow meanwhile however moreover furthermore nevertheless instead besides additionally
    later earlier now once since both all some many most several few each every according until despite under
    such our their its his her my your there here yes no also only even more less first last next another
"""
_CLOSED = frozenset((_CLOSED_WORDS + _OPENING_WORDS).split())
_DETERMINED = re.compile(
    r"\b(?:the|this|that|these|those|which|an?)\s+((?:[\w’'\-]+\s*){1,5})", re.IGNORECASE
)
_HELPERS = re.compile(r"\b(?:do|does|did|will|can|could|would|should|may)\b", re.IGNORECASE)

# Arabic -------------------------------------------------------------------------------------------
SAYING = """
    قال صرح اعلن اكد اضاف طلب رفض وقع دعا ذكر شدد وصف قرر رحب اقترح زار التقي وعد هدد اوضح اشار لفت تابع
    كشف بين راي اعتبر توقع حذر نفي اعرب عبر ناقش بحث توجه فتح وافق ايد انتقد اتهم طالب كتب نشر عين امر
    غادر وصل سافر اجتمع اتفق
"""
_WHO = re.compile(r"^(?:و?من|و?مين)\s+(?:هو|هي|يكون|تكون)\s+(.+)$")
_TITLES_AR = (
    "رئيس وزير مبعوث متحدث ناطق سفير ملك أمير أمين زعيم قائد سيد سيدة دكتور عميد لواء وزيرة متحدثة رئيسة"
)
_PARTICLES = frozenset({"دي", "بن", "ابن", "ابو", "ال", "عبد", "فان", "فون"})
_SMALL_WORDS = """
    من ما ماذا متي اين كيف لماذا هل كم هو هي هم هما في عن علي الي مع بعد قبل بين منذ حتي خلال ضد حول ان
    انه انها الذي التي الذين او ثم لكن قد لم لن لا نعم يوم امس غدا اليوم ذلك هذا هذه تلك باسم بان بانه
    هناك بماذا لدي كان كانت عند بشان عبر
"""
_SMALL = frozenset(_SMALL_WORDS.split())


def mentions(turns: Sequence[Turn], kind: Kind) -> Iterator[str]:
    """What the turns spoke of, latest first; a turn's question before its answer."""
    for turn in reversed(turns):
        heard = f"{turn.question} {turn.answer}"
        for text in (turn.question, _MARKER.sub("", turn.answer)):
            yield from _in_text(text, kind, heard)


def _in_text(text: str, kind: Kind, heard: str) -> list[str]:
    arabic = language_of(text) == "ar"
    if kind == "person":
        return _persons_ar(text) if arabic else _persons_en(text, heard)
    if kind == "place":
        return _places(text)
    if kind == "thing":
        return _things_ar(text) if arabic else _things_en(text, heard)
    return _groups_ar(text) if arabic else _groups_en(text)


def persons(text: str) -> list[str]:
    """The persons that ``text`` names, as far as its writing tells."""
    return _persons_ar(text) if language_of(text) == "ar" else _persons_en(text, text)


def is_place(phrase: str) -> bool:
    """Whether a word of ``phrase`` names a country or city (adjectives do not)."""
    return any(_place_name(word) for word in _TOKEN.findall(phrase)) or _place_name(phrase)


def _place_name(word: str) -> bool:
    plain = fold(word).lower()
    for form in (plain, plain[1:] if plain[:1] in "وفبلك" else plain, plain.removeprefix("ال")):
        place = by_name().get(form)
        if place is not None and (form in place.names or "ال" + form in place.names):
            return True
    return False


def _places(text: str) -> list[str]:
    found = [word for word in _TOKEN.findall(text) if _place_name(word)]
    bare = [
        word[1:] if word[0] in "وفبلك" and by_name().get(fold(word[1:]).lower()) else word for word in found
    ]
    return bare[::-1]


def _names_en(text: str, heard: str) -> list[str]:
    found = []
    for match in _RUN.finditer(text):
        words = match.group().split()
        starts = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?:"
        starts = starts and is_common(words[0])
        while words and (words[0].lower() in _TITLES | _CLOSED | _TIMES or _is_adjective(words[0])):
            words.pop(0)
            starts = False
        if not words or (starts and len(words) == 1 and heard.count(words[0]) < 2 and not is_place(words[0])):
            continue
        found.append(re.sub(r"[’']s$", "", " ".join(words)))
    return found


def _is_adjective(word: str) -> bool:
    plain = fold(word).lower()
    place = by_name().get(plain)
    return place is not None and plain not in place.names


def _persons_en(text: str, heard: str) -> list[str]:
    return [
        name
        for name in _names_en(text, heard)
        if not is_place(name)
        and not name.startswith("al-")
        and not any(word.lower() in _BODIES | _TIMES for word in name.split())
        and not name.isupper()
    ]


def _things_en(text: str, heard: str) -> list[str]:
    found = []
    for match in _DETERMINED.finditer(text):
        words = []
        for word in match[1].split():
            if word.lower().strip("'’s") in _CLOSED or word.lower() in _CLOSED:
                break
            words.append(word)
        asked = _HELPERS.search(text[: match.start()]) and not text[match.end() :].strip(" ?")
        if len(words) > 1 and asked and not words[-1][0].isupper():
            words.pop()  # "does the truce begin": the verb stands after its subject
        while len(words) > 1 and words[-1][0].isupper() and not words[0][0].isupper():
            words.pop()
        if words and words[0].lower() not in _CLOSED:
            found.append("the " + " ".join(words))
    persons = set(_persons_en(text, heard))
    return found or [name for name in _names_en(text, heard) if name not in persons]


def _groups_en(text: str) -> list[str]:
    plural = [thing for thing in _things_en(text, text) if thing.endswith("s") and not thing.endswith("ss")]
    listed = re.findall(r"(?:[A-Z][\w\-]*(?:, | and |, and )){1,6}[A-Z][\w\-]*", text)
    return [*plural, *listed]


def _persons_ar(text: str) -> list[str]:
    tokens = _TOKEN.findall(text)
    plain = [fold(token) for token in tokens]
    found = []
    if match := _WHO.match(text.strip(" ؟?.")):
        words = _name_run(_TOKEN.findall(match[1]), 0)
        if words:
            found.append(" ".join(words))
    for place, word in enumerate(plain):
        after = place + 1
        if _is_title(word):
            while after < len(plain) and (plain[after].startswith("ال") or by_name().get(plain[after])):
                after += 1
        elif not is_saying(_core(word)) or (place == 1 and plain[0] == "من"):
            continue  # after «من أعلن» stands what was announced
        words = _name_run(tokens, after)
        if words and not is_place(" ".join(words)):
            found.append(" ".join(words))
    return list(dict.fromkeys(found)) or _leading_name(tokens)


def _is_title(word: str) -> bool:
    return word.removeprefix("ال") in fold(_TITLES_AR).split()


def _leading_name(tokens: Sequence[str]) -> list[str]:
    """A statement that begins with a name: «أحمد رمضان رئيس الدائرة…»."""
    words = _name_run(tokens, 0)
    while words and _is_title(fold(words[-1])):
        words.pop()
    return [" ".join(words)] if len(words) >= 2 and not is_place(" ".join(words)) else []


def _name_run(tokens: Sequence[str], start: int) -> list[str]:
    words: list[str] = []
    for token in tokens[start : start + 3]:
        plain = fold(token)
        if plain.startswith("ال") or plain in _SMALL or is_saying(_core(plain)) or len(plain) < 2:
            break
        if _is_title(plain) or any(sign.isdigit() for sign in plain) or by_name().get(plain):
            break
        if plain not in _PARTICLES and is_common(token):
            break
        words.append(token)
    return words


def _core(word: str) -> str:
    """A folded verb without its object pronoun."""
    return re.sub(r"(?<=\w{3})(?:هما|هم|ها|ه)$", "", word)


def is_saying(word: str) -> bool:
    """Whether a folded Arabic word is a form of a verb that persons are the subject of."""
    known = _saying()
    return any(form in known for form in (word, word.removeprefix("س"), word.removeprefix("و")))


@cache
def _saying() -> frozenset[str]:
    forms = {"يقول", "تقول", "يقولون", "يدعو", "تدعو", "يزور", "تزور", "دعت", "نفت", "التقت", "راى"}
    for verb in SAYING.split():
        stem = verb.removeprefix("ا") if len(verb) > 3 else verb
        forms |= {verb, verb + "ت", verb + "وا", verb + "ا", "ي" + stem + "ون"}
        forms |= {first + rest for first in "يت" for rest in (stem, verb)}
    return frozenset(forms)


def _things_ar(text: str) -> list[str]:
    tokens = _TOKEN.findall(text)
    rest = list(tokens)
    while rest and (fold(rest[0]) in _SMALL or fold(rest[0])[1:] in _SMALL):
        rest.pop(0)
    copula = len(tokens) - len(rest) >= 2 and fold(tokens[len(tokens) - len(rest) - 1]) in (
        "هو",
        "هي",
        "هم",
        "هما",
    )
    if copula and rest:
        return [" ".join(_until_small(rest))]
    found = []
    place = 0
    while place < len(rest):
        run: list[str] = []
        while place < len(rest) and fold(rest[place]).startswith(("ال", "لل") if run else ("ال",)):
            run.append(rest[place])
            place += 1
        if run and not is_place(" ".join(run)):
            found.append(" ".join(run))
        place += not run
    if found:
        return found
    tail = _until_small(rest[1:])
    return [" ".join(tail)] if tail and not is_place(tail[0]) and not is_saying(fold(rest[0])) else []


def _until_small(tokens: Sequence[str]) -> list[str]:
    words: list[str] = []
    for token in tokens[:5]:
        if fold(token) in _SMALL:
            break
        words.append(token)
    return words


def _groups_ar(text: str) -> list[str]:
    plural = [
        thing for thing in _things_ar(text) if re.search(r"(?:ات|ين|ون|ول|ائل|اء|اف|عات)\b", fold(thing))
    ]
    listed = re.findall(r"\w+(?: و\w+){1,6}", text)
    return [*plural, *(run for run in listed if is_place(run.split()[0]))]
