"""An English span as Arabic units: the longest phrases of the lexicon, numbers, names. For ``rag.to_arabic``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.counted import Counted, accusative, in_arabic, of_arabic, of_english
from rag.hours import hours_in
from rag.lexicon import lexicon
from rag.names import skeleton
from rag.numbers import Number, numbers_at, range_from, shown
from rag.transliterate import to_arabic_script

LONGEST = 8  # words of a phrase
SURE = 0.85  # weight of a translation that may stand in a rendering
LIKELY = 0.6  # of one that is the plural of a noun


@dataclass(frozen=True, slots=True)
class Unit:
    """A rendered piece: ``kind`` as in the lexicon, or ``num``, ``counted`` with its noun, ``many``, ``time``, ``year``, ``prep``, ``the``,
    ``and``, ``stay``."""

    text: str
    kind: str
    plural: bool = False
    value: float = 0


_WORD = re.compile(
    r"\d{1,2}:\d{2}\b|[^\W_]+(?:[-.'’][^\W_]+)*\.?(?<=\.[a-zA-Z]\.)|\d+\.\d+[^\W\d_]*|[^\W_]+(?:[-–'’][^\W_]+)*|[,;/%]"
)
_TIME = re.compile(r"\d{1,2}:\d{2}")
_PREPOSITIONS = {
    "in": "في", "at": "في", "on": "على", "from": "من", "to": "إلى", "between": "بين", "with": "مع", "against": "ضد",
    "after": "بعد", "before": "قبل", "during": "خلال", "since": "منذ", "until": "حتى", "under": "تحت", "over": "فوق",
    "about": "حول", "through": "عبر", "without": "دون", "by": "من قبل", "near": "قرب", "inside": "داخل",
    "outside": "خارج", "or": "أو", "within": "خلال", "into": "إلى",
}  # fmt: skip
NOUNS = frozenset({"n", "title", "org", "group", "place", "lang"})
NAMES = frozenset({"person", "name", "guess"})
# Nouns used as adjectives of nations.
_NATIONS = {
    "us": "أمريكي",
    "u.s.": "أمريكي",
    "usa": "أمريكي",
    "uk": "بريطاني",
    "u.k.": "بريطاني",
    "un": "أممي",
    "u.n.": "أممي",
}
# Nouns that follow the name they go with.
_GENERIC = frozenset(
    """airport university river lake sea mountain island islands city province agency company hospital school bank
    club party court museum bridge station army government police group region district county college institute
    airlines newspaper channel dam camp border""".split()
)
_ROMAN = {
    "II": "الثاني", "III": "الثالث", "IV": "الرابع", "V": "الخامس", "VI": "السادس", "VII": "السابع", "VIII": "الثامن",
    "IX": "التاسع", "XI": "الحادي عشر", "XII": "الثاني عشر", "XIII": "الثالث عشر", "XIV": "الرابع عشر", "XVI": "السادس عشر",
}  # fmt: skip
_MONEY = {"$": "دولار", "€": "يورو", "£": "جنيه"}
_MANY = {
    "tens": "عشرات", "scores": "عشرات", "dozens": "عشرات", "hundreds": "مئات", "thousands": "آلاف", "millions": "ملايين", "billions": "مليارات",
}  # fmt: skip
_SCALES = (
    (10**12, ("تريليون", "تريليونات")), (10**9, ("مليار", "مليارات")), (10**6, ("مليون", "ملايين")), (1000, ("ألف", "آلاف")),
)  # fmt: skip
_RELATIVE = {"next": "مقبل", "last": "ماضي", "coming": "مقبل", "former": "سابق", "current": "حالي"}
_ORDINALS = ("", "أول", "ثاني", "ثالث", "رابع", "خامس", "سادس", "سابع", "ثامن", "تاسع", "عاشر")


_ROUTE = re.compile(r"\b([A-Z]\w+)[-–]([A-Z]\w+) (highway|motorway|road)\b")
_STRENGTH = re.compile(
    r"\b(?:an? )?(?:magnitude[ -](\d(?:\.\d)?)|(\d(?:\.\d)?)[ -]magnitude) (?:earthquake|quake|tremor)\b",
    re.I,
)


def units_of(text: str) -> Iterator[Unit]:
    """The units of ``text`` in order."""
    for form, tell in ((_ROUTE, _route), (_STRENGTH, _strength)):
        match = form.search(text)
        told = tell(match) if match else None
        if match and told:
            yield from units_of(re.sub(r"\bthe *$", "", text[: match.start()]))
            yield Unit(told, "done")
            yield from units_of(text[match.end() :])
            return
    numbers, hours = numbers_at(text), hours_in(text, "ar")
    words = list(_WORD.finditer(text))
    i = 0
    named = False
    while i < len(words):
        word = words[i]
        if hour := hours.get(word.start()):
            yield Unit(hour.text, "time")
            named = False
            i = next((j for j, w in enumerate(words) if w.start() >= hour.span.end), len(words))
            continue
        if _TIME.fullmatch(word[0]):
            yield Unit(word[0], "time")
            i += 1
            continue
        number = numbers.get(word.start())
        if number and number.value != 1 and not _known_phrase([w[0] for w in words[i : i + 3]]):
            end = max(number.span.end, *(w.end() for w in words[i:] if w.start() < number.span.end))
            if end == number.span.end:
                after = next((j for j, w in enumerate(words) if w.start() >= end), len(words))
                unit = _number(number, text)
                if counted := _counted([w[0] for w in words[after : after + 4]], unit):
                    yield Unit(counted[1], "counted", value=unit.value)
                    i, named = after + counted[0], False
                    continue
                yield unit
            elif last := range_from(number, numbers, end):
                yield _range(number, last)
                number = last
            else:
                yield Unit(text[number.span.start : end], "stay")  # 30-day and the like
            if word.start() and text[word.start() - 1] in _MONEY:
                yield Unit(_MONEY[text[word.start() - 1]], "n")
            i = next((j for j, w in enumerate(words) if w.start() >= end), len(words))
            if number.percent and i < len(words):
                i += 2 if words[i][0] == "per" else 1
            continue
        following = next((n for n in (1, 2, 3) if i + n < len(words) and words[i + n].start() in numbers), 0)
        hedge = _hedge([w[0] for w in words[i : i + following + 1]]) if following else None
        if hedge and hedge[0] == following:
            yield hedge[1]
            i += following
            continue
        if (many := _MANY.get(word[0].lower())) and (
            noun := _counted_noun([w[0] for w in words[i + 1 : i + 4]])
        ):
            several = " ".join("ال" + w for w in noun[1].arabics.replace("_", " ").split())
            yield Unit(f"{many} {several}", "counted")
            i += 1 + noun[0]
            continue
        if word[0] == "Article" and i + 1 < len(words) and words[i + 1][0].isdigit():
            yield Unit("المادة", "n")
            i += 1
            continue
        low, behind = word[0].lower(), words[i + 1][0].lower() if i + 1 < len(words) else ""
        if pair := _PAIRS.get((low, behind)):
            yield pair
            i += 1 if pair.kind == "n" else 2  # a noun is followed by its "of"
            continue
        if low == "time" and i and (before := numbers.get(words[i - 1].start())) and before.ordinal:
            yield Unit("مرة", "n")  # the third time
            i += 1
            continue
        if word[0] in ",;/":
            yield Unit("،", ",")
            i += 1
            continue
        if _is_verb(words, i):
            yield Unit(word[0], "v")
            named = False
            i += 1
            continue
        taken, unit = _longest([w[0] for w in words[i : i + LONGEST]], named)
        named = unit.kind in NAMES
        if unit.kind != "none":
            yield unit
        i += taken


def _route(match: re.Match[str]) -> str | None:
    """«طريق دمشق حلب السريع»."""
    ends = [_look(match[1]), _look(match[2])]
    if not all(end and end[0] == "place" for end in ends):
        return None
    between = " ".join(end[1] for end in ends if end)
    return f"طريق {between}" + (" السريع" if match[3] != "road" else "")


def _strength(match: re.Match[str]) -> str:
    return f"زلزال بقوة {match[1] or match[2]} درجات"


# What may follow a noun that is counted, so that no other noun does.
_BEHIND = frozenset(
    """and or but in on at of for from to by with since during after before until between among including near inside outside
    within per over under against as who which that a an the were was are is have had each every ago later earlier""".split()
)


def _counted_noun(words: list[str]) -> tuple[int, Counted] | None:
    """What is counted, and how many words that takes, where no further noun follows: two wounded, not two wounded soldiers."""
    found = of_english(words)
    if found is None:
        return None
    follower = words[found[0]].lower() if found[0] < len(words) else ""
    return found if not follower or follower in _BEHIND or not follower[0].isalpha() else None


def _personal(words: list[str], found: Unit, named: bool) -> Unit | None:
    """The name that a word is beside other names, which means something else alone: Bill Clinton, Michael Jordan."""
    word = words[0]
    after = _phrase(words[1:2]) if len(words) > 1 and words[1][0].isupper() else None
    before_name = len(words) > 1 and words[1][0].isupper() and (after is None or after.kind in NAMES)
    common = found.kind in ("n", "a", "v", "month") and before_name
    if not word[0].isupper() or not (common or (named and found.kind in ("place", "month", "title"))):
        return None
    names = (entry.text for entry in lexicon().renderings(word, "ar") if entry.kind == "name")
    text = next(names, None)
    return Unit(text, "name") if text else None


def _counted(words: list[str], number: Unit) -> tuple[int, str] | None:
    """What a number counts, with the number: how many of the next words, and all in Arabic."""
    if number.kind != "num":
        return None
    if noun := _counted_noun(words):
        return noun[0], in_arabic(number.value, number.text, noun[1])
    noun = _counted_noun(words[1:]) if len(words) > 1 and not of_english(words) else None
    first = _phrase(words[:1]) if noun else None
    if noun is None or first is None:
        return None
    told = in_arabic(number.value, number.text, noun[1])
    if first.kind == "nation" and number.value >= 11:  # 20,000 Saudi riyals
        last = told.split()[-1]
        accusatives = last == accusative(noun[1].arabic) != noun[1].arabic
        return 1 + noun[0], f"{told} {first.text}{'ة' if last.endswith('ة') else 'ا' * accusatives}"
    if first.kind == "n" and not first.plural and not _adjective(words[0].lower()):  # 24 cholera cases
        return 1 + noun[0], f"{told} {first.text}"
    return None


_ARTICLES = frozenset("the a an his her its their this that these those".split())
# Forms of verbs that are other words as well: a rose, the left.
_PAST = frozenset(
    """rose left fell found felt lay saw led held met made took gave came went became began won lost said told sent
    built bought brought fought kept paid ran sold spoke stood thought wrote knew grew drew hit set let put""".split()
)


def _is_verb(words: list[re.Match[str]], i: int) -> bool:
    """Whether a word is a verb's by its form and its neighbours; no rendering tells tense and person."""
    low = words[i][0]
    before = words[i - 1][0].lower() if i else ""
    after = words[i + 1][0].lower() if i + 1 < len(words) else ""
    if not low.islower() or before in _ARTICLES:
        return False
    if low in _PAST:
        return True
    if before == "to":
        return any(entry.kind == "v" for entry in lexicon().renderings(low, "ar"))
    object_next = after in _ARTICLES or after in _PREPOSITIONS or after[:1].isdigit()
    return low.endswith("ed") and len(low) > 4 and object_next


def _known_phrase(words: list[str]) -> bool:
    """Whether a number's word opens a fixed phrase: Second World War."""
    return any(_look(" ".join(words[:length])) for length in (3, 2) if len(words) >= length)


def _longest(words: list[str], named: bool) -> tuple[int, Unit]:
    end = next((k for k, word in enumerate(words) if word in ",;/"), len(words))
    words = words[:end]
    low = words[0].lower()
    for length in range(len(words), 0, -1):
        if length == 1:
            lone = _lone(words[0], low)
            if lone:
                return 1, lone
            if low in _NATIONS and len(words) > 1 and _is_common(words[1]):
                return 1, Unit(_NATIONS[low], "nation")
        found = _phrase(words[:length])
        if length == 1 and found and (name := _personal(words, found, named)):
            return 1, name
        if length == 1 and found and found.kind in ("n", "title") and len(words) > 1:
            after = _phrase(words[1:2])
            if after and after.kind in ("n", "title") and (other := _adjective(low)):
                return 1, other  # an official visit
        part = named and length == 1 and words[0][0].isupper() and found and found.kind in ("n", "a", "v")
        if found and not (part and low not in _GENERIC):  # Street in John Street, but not Airport
            if low == "the" and any(_phrase(words[1:end]) for end in range(length + 1, len(words) + 1)):
                return 1, Unit("", "the")  # the Ministry is an entry, and Ministry of Education
            return length, found
    return 1, _unknown(words[0], named)


# Before a number.
_HEDGES = {
    "at least": "ما لا يقل عن", "no fewer than": "ما لا يقل عن", "no less than": "ما لا يقل عن", "more than": "أكثر من",
    "over": "أكثر من", "fewer than": "أقل من", "less than": "أقل من", "under": "أقل من", "about": "نحو", "around": "نحو",
    "some": "نحو", "roughly": "نحو", "approximately": "نحو", "nearly": "ما يقارب", "almost": "ما يقارب", "up to": "ما يصل إلى",
}  # fmt: skip


# Two words that mean something else together.
_PAIRS = {
    ("end", "of"): Unit("نهاية", "n"), ("beginning", "of"): Unit("بداية", "n"), ("start", "of"): Unit("بداية", "n"),
    ("middle", "of"): Unit("منتصف", "n"), ("people", "of"): Unit("أهالي", "n"), ("because", "of"): Unit("بسبب", "prep"),
    ("shortly", "before"): Unit("قبيل", "prep"), ("just", "before"): Unit("قبيل", "prep"),
    ("shortly", "after"): Unit("بعيد", "prep"), ("just", "after"): Unit("بعيد", "prep"),
}  # fmt: skip


def _hedge(words: list[str]) -> tuple[int, Unit] | None:
    for length in (3, 2, 1):
        text = _HEDGES.get(" ".join(words[:length]).lower())
        if text and len(words) > length:
            return length, Unit(text, "prep")
    return None


def _lone(word: str, low: str) -> Unit | None:
    """Articles, prepositions and words of relation."""
    if low in ("the", "a", "an"):
        return Unit("", "the" if low == "the" else "a_an")
    if low in ("and", "as", "well"):
        return Unit("" if low != "and" else "و", "and" if low == "and" else "none")
    if low in ("of", "for"):
        return Unit("ل" if low == "for" else "", low)
    if low in _PREPOSITIONS and not (word[0].isupper() and low in ("us", "may")):
        return Unit(_PREPOSITIONS[low], "prep")
    if low in _MANY:
        return Unit(_MANY[low], "many", plural=True)
    if low in _RELATIVE:
        return Unit(_RELATIVE[low], "a", value=1)
    return None


def _is_common(word: str) -> bool:
    found = _look(word) or _look(word.removesuffix("s"))
    return bool(found) and found is not None and found[0] in ("n", "title", "a")


@lru_cache(maxsize=4096)
def _look(phrase: str) -> tuple[str, str, bool] | None:
    """Kind, Arabic and whether plural, of an English phrase just as it is written; a span's noun rather than a verb."""
    entries = lexicon().renderings(phrase, "ar")
    acronym = phrase.isupper()  # the UN as a body; before a noun ``_NATIONS`` has it
    for entry in sorted(entries, key=lambda one: (one.kind == "v", acronym and one.kind == "a")):
        return entry.kind.rstrip("+"), entry.text, entry.kind.endswith("+")
    return None


def _adjective(word: str) -> Unit | None:
    found = (entry for entry in lexicon().renderings(word, "ar") if entry.kind == "a")
    return next((Unit(entry.text, "a") for entry in found), None)


def _phrase(words: list[str]) -> Unit | None:
    phrase = " ".join(words)
    if phrase in _ACRONYMS:
        return None
    found = _look(phrase) or _look(phrase.removesuffix("'s").removesuffix("’s"))
    if found and not (found[0] in ("name", "person") and len(words) == 1 and words[0].islower()):
        if found[0] == "v":
            return None
        return Unit(found[1], found[0], found[2])
    for ending, put in (("ies", "y"), ("es", ""), ("s", ""), ("men", "man")):
        if (
            phrase.endswith(ending)
            and (base := _look(phrase[: -len(ending)] + put))
            and base[0] in ("n", "title")
        ):
            several = plural_of_arabic(base[1], phrase)
            return Unit(several, base[0], True) if several else None
    return None


_ACRONYMS = frozenset({"who", "us", "un", "is", "it"})  # bodies where they are written large
_MASDAR = re.compile(r"ا\w{2,3}ا\w|است\w{2}ا\w|ت\w{2}ي\w")


def plural_of_arabic(noun: str, english: str) -> str | None:
    """The plural of an Arabic noun, None where it is not known: most are broken."""
    counted = of_arabic(noun.split())
    if counted is not None and counted[0] == len(noun.split()):
        return counted[1].arabics.replace("_", " ")
    first = noun.split()[0]
    for other, weight in lexicon().translations(english, "ar"):
        told = [entry.text for entry in lexicon().renderings(other, "en") if entry.kind == "n+"]
        if told and (english in told or weight >= LIKELY):
            return other
    if _MASDAR.fullmatch(first):
        return noun.replace(first, first + "ات", 1)
    return sound_plural(noun) if first.endswith(("ة", "ي")) or first.startswith("م") else None


def sound_plural(noun: str) -> str:
    """The regular plural, of the first word of a noun phrase."""
    first, _, rest = noun.partition(" ")
    first = (
        first[:-1] + "ات" if first.endswith("ة") else first + ("ات" if first.endswith(("ا", "و")) else "ين")
    )
    return f"{first} {rest}".strip()


def _unknown(word: str, named: bool) -> Unit:
    """A word that no list holds: a name if it is written large, a likely translation, else it stays."""
    bare = word.removesuffix("'s").removesuffix("’s")
    if named and bare in _ROMAN:
        return Unit(_ROMAN[bare], "name")
    found = lexicon().translations(bare, "ar")
    if found and found[0][1] >= SURE and word[0].islower():
        text = found[0][0]
        return Unit(text, "a" if re.search(r"[^اأ]ي$", text) and " " not in text and len(text) > 3 else "n")
    acronym = word.isupper() and 1 < len(word) < 6
    if word[0].isupper() and not acronym and re.fullmatch(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", bare):
        text = " ".join(to_arabic_script(part) for part in bare.split("-"))
        common = not named and any(skeleton(other) != skeleton(bare) for other, _ in found)
        return Unit(text, "guess" if common else "name")
    return Unit(word, "stay")


def _number(number: Number, text: str) -> Unit:
    written = text[slice(*number.span)]
    value = number.value
    if number.ordinal:
        small = isinstance(value, int) and value < len(_ORDINALS)
        return Unit(_ORDINALS[int(value)] if small else f"الـ{value}", "a")
    digits = any(map(str.isdigit, written))
    if re.fullmatch(r"0\d{3,}", written):
        return Unit(written, "name")  # of a telephone
    if isinstance(value, int) and 1500 <= value < 2100 and re.fullmatch(r"\d{4}", written):
        return Unit(str(value), "year", value=value)
    if number.percent:
        return Unit(f"{number_text(value)}%", "num", value=value)
    if not digits and value < 1:
        return Unit(written, "stay")  # zero, or a part of something
    return Unit(number_text(value) if value > 10 or digits or value != int(value) else "", "num", value=value)


def _range(first: Number, last: Number) -> Unit:
    text = f"{number_text(first.value)} إلى {number_text(last.value)}{'%' * last.percent}"
    return Unit(text, "num", value=last.value)


def number_text(value: float) -> str:
    """A number as Arabic news write it: ``62 ألف``, ``1.5 مليون``, ``966``."""
    for scale, (one, several) in _SCALES:
        if value == scale:
            return one
        share = value / scale
        exact = (value * (10 if scale == 1000 else 1000)) % scale == 0
        if exact and (10 if scale == 1000 else 1) <= share < 1000:
            return f"{shown(share)} {several if share in range(3, 11) else one}"
    return shown(value) if value >= 10_000 else shown(value).replace(",", "")


def singular_of(noun: str) -> str:
    """The singular of an Arabic noun, as news count it or by way of its English counterpart."""
    counted = of_arabic([noun])
    if counted is not None:
        return counted[1].arabic.replace("_", " ")
    english = next((e for e in lexicon().renderings(noun, "en")), None)
    if english is None or not english.kind.endswith("+"):
        return noun
    base = english.text
    for ending, put in (("", ""), ("ies", "y"), ("s", ""), ("men", "man"), ("es", "")):
        if base.endswith(ending):
            found = _look(base[: len(base) - len(ending)] + put)
            if found and not found[2]:
                return found[1]
    return {"children": "طفل", "people": "شخص"}.get(base, noun)
