"""An English span in Arabic word order. Used by ``rag.render`` alone.

The span becomes units (the longest phrases of the lexicon, numbers, names), and the units noun
phrases: adjectives go behind their noun and agree with it, a noun before a noun becomes the second
part of an iḍāfa, a title goes before the name. Commas and "and" become waw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.lexicon import lexicon
from rag.numbers import Number, numbers_in
from rag.transliterate import to_arabic_script

LONGEST = 8  # words of a phrase


@dataclass(frozen=True, slots=True)
class Unit:
    """A rendered piece: ``kind`` as in the lexicon, or ``num``, ``year``, ``prep``, ``the``, ``and``, ``stay``."""

    text: str
    kind: str
    plural: bool = False
    value: float = 0


_WORD = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*\.?(?<=\.[a-zA-Z]\.)|[^\W_]+(?:[-'’][^\W_]+)*|[,;/%]")
_PREPOSITIONS = {
    "in": "في", "at": "في", "on": "على", "from": "من", "to": "إلى", "between": "بين", "with": "مع", "against": "ضد",
    "after": "بعد", "before": "قبل", "during": "خلال", "since": "منذ", "until": "حتى", "under": "تحت", "over": "فوق",
    "about": "حول", "through": "عبر", "without": "دون", "by": "من قبل", "near": "قرب", "inside": "داخل",
    "outside": "خارج", "or": "أو", "within": "خلال", "into": "إلى",
}  # fmt: skip
_NOUNS = frozenset({"n", "title", "org", "group", "place", "lang"})
_NAMES = frozenset({"person", "name"})
# Nouns used as adjectives of nations.
_NATIONS = {"us": "أمريكي", "u.s.": "أمريكي", "usa": "أمريكي", "uk": "بريطاني", "u.k.": "بريطاني", "un": "أممي", "u.n.": "أممي"}
_RELATIVE = {"next": "مقبل", "last": "ماضي", "coming": "مقبل", "former": "سابق", "current": "حالي"}
_ORDINALS = ("", "أول", "ثاني", "ثالث", "رابع", "خامس", "سادس", "سابع", "ثامن", "تاسع", "عاشر")
_COUNTS = ("", "", "", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة")
_COUNTS_FEMININE = ("", "", "", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر")
_FEMININE = frozenset("حرب أرض شمس نفس نار يد عين دار بئر ريح طريق سوق كأس روح نساء امرأة".split())
_LIKE_FEMININE = re.compile(r"(?:ة|اء|ى|يا)$")
_ADJECTIVE = re.compile(r"(?:ي|ية|يون|يين|يات)$|^(?:مسلح|مشترك|عام|خاص|متحد)ة?$")


def to_arabic(text: str) -> tuple[str, bool]:
    """``text`` in Arabic, and whether all of it is."""
    units = list(_units(re.sub(r"(\d{1,2}), (\d{4})\b", r"\1 \2", text)))  # the comma of January 23, 2017
    rendered = " ".join(_join(units).split())
    return re.sub(r"\s+،", "،", rendered), all(unit.kind != "stay" for unit in units)


# From text to units -------------------------------------------------------------------------------


def _units(text: str) -> Iterator[Unit]:
    numbers = {number.span.start: number for number in numbers_in(text)}
    words = list(_WORD.finditer(text))
    i = 0
    named = False
    while i < len(words):
        word = words[i]
        number = numbers.get(word.start())
        if number and number.value != 1 and not _known_phrase([w[0] for w in words[i : i + 3]]):
            yield _number(number, text)
            i = next((j for j, w in enumerate(words) if w.start() >= number.span.end), len(words))
            if number.percent and i < len(words):
                i += 2 if words[i][0] == "per" else 1
            continue
        if word[0] in ",;/":
            yield Unit("،", ",")
            i += 1
            continue
        taken, unit = _longest([w[0] for w in words[i : i + LONGEST]], named)
        named = unit.kind in _NAMES
        if unit.kind != "none":
            yield unit
        i += taken


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
        if found:
            return length, found
    return 1, _unknown(words[0], named)


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
    if low in _RELATIVE:
        return Unit(_RELATIVE[low], "a", value=1)
    return None


def _is_common(word: str) -> bool:
    found = _look(word) or _look(word.removesuffix("s"))
    return bool(found) and found is not None and found[0] in ("n", "title", "a")


@lru_cache(maxsize=4096)
def _look(phrase: str) -> tuple[str, str, bool] | None:
    """Kind, Arabic and whether plural, of an English phrase just as it is written."""
    for entry in lexicon().renderings(phrase, "ar"):
        return entry.kind.rstrip("+"), entry.text, entry.kind.endswith("+")
    return None


def _phrase(words: list[str]) -> Unit | None:
    phrase = " ".join(words)
    found = _look(phrase) or _look(phrase.removesuffix("'s").removesuffix("’s"))
    if found and not (found[0] in ("name", "person") and len(words) == 1 and words[0].islower()):
        if found[0] == "v":
            return None
        return Unit(found[1], found[0], found[2])
    for ending, put in (("ies", "y"), ("es", ""), ("s", ""), ("men", "man")):
        if phrase.endswith(ending) and (base := _look(phrase[: -len(ending)] + put)) and base[0] in ("n", "title"):
            return Unit(sound_plural(base[1]), base[0], True)
    return None


def sound_plural(noun: str) -> str:
    """The regular plural, of the first word of a noun phrase."""
    first, _, rest = noun.partition(" ")
    first = first[:-1] + "ات" if first.endswith("ة") else first + ("ات" if first.endswith(("ا", "و")) else "ين")
    return f"{first} {rest}".strip()


def _unknown(word: str, named: bool) -> Unit:
    """A word that no list holds: a name if it is written large, a likely translation, else it stays."""
    bare = word.removesuffix("'s").removesuffix("’s")
    found = lexicon().translations(bare, "ar")
    if found and found[0][1] >= 0.7 and not (named and word[0].isupper()):
        text = found[0][0]
        return Unit(text, "a" if re.search(r"[^اأ]ي$", text) and " " not in text and len(text) > 3 else "n")
    if word[0].isupper() and re.fullmatch(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", bare):
        return Unit(" ".join(to_arabic_script(part) for part in re.split(r"[-]", bare)), "name")
    return Unit(word, "stay")


def _number(number: Number, text: str) -> Unit:
    written = text[slice(*number.span)]
    value = number.value
    if number.ordinal:
        small = isinstance(value, int) and value < len(_ORDINALS)
        return Unit(_ORDINALS[int(value)] if small else f"الـ{value}", "a")
    digits = written[-1].isdigit()
    if isinstance(value, int) and 1500 <= value < 2100 and re.fullmatch(r"\d{4}", written):
        return Unit(str(value), "year", value=value)
    if number.percent:
        return Unit(f"{value:g}%", "num", value=value)
    return Unit(number_text(value) if value > 10 or digits else "", "num", value=value)


def number_text(value: float) -> str:
    """A number as Arabic news write it: ``62 ألف``, ``1.5 مليون``, ``966``."""
    for scale, name in ((10**9, "مليار"), (10**6, "مليون"), (1000, "ألف")):
        if value == scale:
            return name
        if value >= scale and (value * 10) % scale == 0 and (value >= 10 * scale or scale > 1000):
            return f"{value / scale:g} {name}"
    return f"{value:,}" if value >= 10_000 else f"{value:g}"


# From units to phrases ----------------------------------------------------------------------------


def _join(units: list[Unit]) -> str:
    """The pieces of a list, each with a waw but the first."""
    segments: list[list[Unit]] = [[]]
    links: list[str] = []
    for unit in units:
        if unit.kind in (",", "and"):
            if segments[-1]:
                segments.append([])
                links.append(unit.kind)
            elif links:
                links[-1] = "and" if unit.kind == "and" else links[-1]
            continue
        segments[-1].append(unit)
    texts = [_compose(segment) for segment in segments if segment]
    listed = "and" in links
    out = texts[0] if texts else ""
    for link, text in zip(links, texts[1:], strict=False):
        out += f" و{text}" if link == "and" or listed else f"، {text}"
    return out


def _compose(units: list[Unit]) -> str:
    out: list[str] = []
    i = 0
    while i < len(units):
        text, i = _piece(units, i)
        out.append(text)
    return " ".join(out)


def _piece(units: list[Unit], i: int) -> tuple[str, int]:
    """One preposition, name or noun phrase from ``units[i]``, and where it ends."""
    unit = units[i]
    if unit.kind == "prep":
        follower = units[i + 1] if i + 1 < len(units) else unit
        if unit.text == "على" and (follower.kind in ("day", "month", "num", "year")):
            return ("في" if follower.kind != "day" else "يوم"), i + 1
        return unit.text, i + 1
    if unit.kind == "for":
        rest, j = _piece(units, i + 1) if i + 1 < len(units) else ("", i + 1)
        return ("لل" + rest[2:] if rest.startswith("ال") else "ل" + rest), j
    if unit.kind in ("of", "none"):
        return unit.text, i + 1
    if unit.kind == "num":
        return _counted(units, i)
    if unit.kind in _NAMES:
        j = i
        while j < len(units) and units[j].kind in _NAMES:
            j += 1
        return " ".join(one.text for one in units[i:j]), j
    if unit.kind in ("month", "day"):
        return _dated(units, i, "")
    return _noun_phrase(units, i)


def _dated(units: list[Unit], i: int, day: str) -> tuple[str, int]:
    """«23 يناير 2017» for January 23, 2017 as for 23 January 2017."""
    parts = [units[i].text]
    j = i + 1
    if units[i].kind == "month":
        if j < len(units) and units[j].kind in ("num", "a") and units[j].value != 1 and not day:
            day = f"{units[j].value:g}" if units[j].value else units[j].text
            j += 1
        if j < len(units) and units[j].kind == "year":
            parts.append(units[j].text)
            j += 1
    return " ".join([day, *parts]).strip(), j


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a noun phrase holds: adjectives and nouns as they stand in English."""

    adjectives: tuple[Unit, ...]
    nouns: tuple[Unit, ...]
    article: str
    end: int


def _parts(units: list[Unit], i: int) -> _Parts:
    article = ""
    adjectives: list[Unit] = []
    nouns: list[Unit] = []
    j = i
    while j < len(units):
        unit = units[j]
        if unit.kind in ("the", "a_an"):
            if nouns or adjectives:
                break
            article = unit.kind
        elif unit.kind in ("a", "nation", "r") and not nouns:
            adjectives.append(unit)
        elif unit.kind in _NOUNS:
            after = units[j + 1] if j + 1 < len(units) else None
            if nouns and unit.kind not in ("n", "title") and not (after and after.kind in ("n", "title")):
                break  # the noun's name: the capital Astana
            nouns.append(unit)
        else:
            break
        j += 1
    return _Parts(tuple(adjectives), tuple(nouns), article, j)


def _noun_phrase(units: list[Unit], i: int, count: float = 0) -> tuple[str, int]:
    parts = _parts(units, i)
    j = parts.end
    if not parts.nouns:
        if j < len(units) and units[j].kind in ("day", "month") and parts.adjectives:
            text, j = _dated(units, j, "")
            return f"{text} {definite(parts.adjectives[0].text)}", j
        if parts.adjectives:
            shown = [definite(a.text) if parts.article == "the" else a.text for a in reversed(parts.adjectives)]
            return " ".join(shown), j
        return (units[i].text, i + 1) if j == i else ("", j)
    head = parts.nouns[-1]
    named = j < len(units) and units[j].kind in (*_NAMES, "place", "group", "org")
    nation = any(a.kind == "nation" for a in parts.adjectives)
    relative = any(a.value for a in parts.adjectives)
    known = parts.article == "the" or relative or (named and head.kind == "title")
    known = known or (nation and parts.article == "" and not count)
    text, closed = _idafa(head, parts.nouns[:-1])
    if text == "منتصف الليل" and j < len(units) and units[j].kind == "day":
        return f"منتصف ليل {units[j].text}", j + 1
    feminine = is_feminine(text, head.plural and head.kind != "title")
    if j + 1 < len(units) and units[j].kind == "of" and not count:
        rest, j = _piece(units, j + 1)
        text = f"{text.removeprefix('ال')} {rest}" if rest else text
        closed = True
        known = known or rest.startswith("ال")
    if known and not closed and head.kind in ("n", "title"):
        text = definite(text)
    for adjective in reversed(parts.adjectives):
        text += " " + agreeing(adjective.text, feminine, known or text.startswith("ال"), head.plural and head.kind == "title", count == 2)
    if named:
        name, j = _piece(units, j)
        text = f"{text} {name}"
    return text, j


def _idafa(head: Unit, before: tuple[Unit, ...]) -> tuple[str, bool]:
    """The head with the nouns that stood before it behind it; whether that defines it already."""
    words = head.text.split()
    closed = len(words) > 1 and words[1].startswith("ال") and not words[0].startswith("ال")
    text = head.text
    for noun in reversed(before):
        text += " " + noun.text
        closed = True
    return text, closed or head.kind not in ("n", "title")


def definite(phrase: str) -> str:
    """With the article: on the first word and its adjectives, or on the second part of an iḍāfa."""
    words = phrase.split()
    if any(word.startswith("ال") and len(word) > 4 for word in words[:2]):
        return phrase
    if len(words) > 1 and not _ADJECTIVE.search(words[1]):
        return " ".join([*words[:-1], "ال" + words[-1]])
    return " ".join("ال" + word if i == 0 or _ADJECTIVE.search(word) else word for i, word in enumerate(words))


def is_feminine(noun: str, plural: bool) -> bool:
    first = noun.split()[0]
    return plural or first in _FEMININE or bool(_LIKE_FEMININE.search(first))


def agreeing(adjective: str, feminine: bool, known: bool, people: bool, two: bool = False) -> str:
    if two:
        adjective += "تان" if feminine else "ان"
    elif people and not adjective.endswith(("ون", "ين")):
        adjective += "ين" if adjective.endswith("ي") else "ون"
    elif feminine and not adjective.endswith("ة"):
        adjective = adjective.replace("أول", "أولى") if adjective == "أول" else adjective + "ة"
    return definite(adjective) if known else adjective


def _counted(units: list[Unit], i: int) -> tuple[str, int]:
    """A number with what it counts: dual for two, polarity from three to ten, singular above."""
    number = units[i]
    value = number.value
    if i + 1 < len(units) and units[i + 1].kind == "month":
        return _dated(units, i + 1, f"{value:g}")
    if i + 1 >= len(units) or units[i + 1].kind not in ("n", "title", "a", "nation"):
        shown = number.text or (_COUNTS[int(value)] if 2 < value <= 10 else "اثنان")
        return shown, i + 1
    parts = _parts(units, i + 1)
    if not parts.nouns:
        return number.text or _COUNTS[int(value)] or "اثنان", i + 1
    single = _singular(parts.nouns[-1].text)
    feminine = is_feminine(single, False)
    few = 2 < value <= 10
    accusative = 11 <= value % 100 and not re.search(r"[^\d,.]", number.text) and not re.search(r"(?:ة|اء|ى|ا)$|\s", single)
    head = replace(parts.nouns[-1], text=parts.nouns[-1].text if few else single + "ا" * accusative, plural=few)
    at = parts.end - 1
    if value == 2:
        head = replace(head, text=dual(single))
        text, j = _noun_phrase([*units[:at], head, *units[at + 1 :]], i + 1, count=value)
        return text, j
    counter = number.text or (_COUNTS_FEMININE if feminine else _COUNTS)[int(value)]
    text, j = _noun_phrase([*units[:at], head, *units[at + 1 :]], i + 1, count=value)
    return f"{counter} {text}", j


def _singular(noun: str) -> str:
    """The singular of an Arabic noun by way of its English counterpart."""
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


def dual(noun: str) -> str:
    first, _, rest = noun.partition(" ")
    first = first[:-1] + "تان" if first.endswith("ة") else first + "ان"
    return f"{first} {rest}".strip()
