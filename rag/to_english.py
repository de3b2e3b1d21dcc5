"""An Arabic span in English word order. Used by ``rag.render`` alone.

The span becomes units (the longest phrases of the lexicon, numbers, names), and the units noun
phrases: adjectives go before their noun, the second part of an iḍāfa behind "of", a name behind its
title. Waw and commas make lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.lexical import fold_words
from rag.lexicon import lexicon
from rag.numbers import Number, numbers_in
from rag.transliterate import to_latin

LONGEST = 7  # words of a phrase


@dataclass(frozen=True, slots=True)
class Unit:
    """A rendered piece: ``kind`` as in the lexicon, or ``num``, ``year``, ``prep``, ``and``, ``stay``."""

    text: str
    kind: str
    plural: bool = False
    definite: bool = False
    before: str = ""  # a preposition that was written onto it
    value: float = 0


_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[،,;؛/]")
_PREPOSITIONS = {
    "في": "in", "فى": "in", "من": "of", "على": "on", "علي": "on", "إلى": "to", "الى": "to", "بين": "between", "مع": "with",
    "عن": "about", "ضد": "against", "حول": "on", "خلال": "during", "بعد": "after", "قبل": "before", "منذ": "since",
    "حتى": "until", "تحت": "under", "فوق": "over", "عبر": "through", "دون": "without", "بدون": "without",
    "باسم": "for", "لدى": "at", "ضمن": "within", "داخل": "inside", "خارج": "outside", "قرب": "near", "برئاسة": "headed by",
    "بقيادة": "led by", "برعاية": "sponsored by", "بدعم": "with the support of", "نحو": "about", "حوالي": "about",
    "أو": "or", "او": "or", "لمدة": "for", "وفق": "according to", "بسبب": "because of", "بحضور": "in the presence of",
}  # fmt: skip
_CLITICS = {"ب": "in", "ل": "for", "ك": "as"}
_NOUNS = frozenset({"n", "title", "org", "group", "place", "lang"})
_NAMES = frozenset({"person", "name"})
_NEXT = {"مقبل": "next", "قادم": "next", "ماضي": "last", "جاري": "this", "حالي": "this", "فائت": "last", "سابق": "former"}
_NEXT_FOLDED = {fold_words(word): english for word, english in _NEXT.items()}
_CALENDAR = frozenset({"year", "month", "week", "day"})
# A head that takes what follows before it rather than behind "of": a ceasefire agreement.
_COMPOUND = frozenset(
    "agreement deal talks negotiations forces operation operations station plan process crisis members center "
    "convoy convoys airport conference army police minister ministry prices price program committee".split()
)
_SMALL = "zero one two three four five six seven eight nine ten".split()
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()


def to_english(text: str) -> tuple[str, bool]:
    """``text`` in English, and whether all of it is."""
    units = list(_units(text))
    rendered = " ".join(_join(units).split())
    rendered = re.sub(r"\s+([,;])", r"\1", rendered)
    return rendered, all(unit.kind != "stay" for unit in units)


# From text to units -------------------------------------------------------------------------------


def _units(text: str) -> Iterator[Unit]:
    numbers = {number.span.start: number for number in numbers_in(text)}
    words = list(_WORD.finditer(text))
    i = 0
    named = False  # a name came just before
    while i < len(words):
        start = words[i].start()
        offset = next((o for o in (0, 1, 2, 3) if start + o in numbers and start + o < words[i].end()), None)
        if offset is not None:
            number = numbers[start + offset]
            if text[start] == "و" and offset:
                yield Unit("and", "and")
            yield from _number(number, text, text[start : start + offset])
            i = next((j for j, word in enumerate(words) if word.start() >= number.span.end), len(words))
            continue
        if words[i][0] in "،,;؛/":
            yield Unit(",", ",")
            i += 1
            continue
        taken, units = _longest([word[0] for word in words[i : i + LONGEST]], named)
        yield from units
        named = units[-1].kind in _NAMES
        i += taken


def _longest(words: list[str], named: bool) -> tuple[int, list[Unit]]:
    """The units that the next words begin with, and how many words they take."""
    comma = next((k for k, word in enumerate(words) if word in "،,;؛/"), len(words))
    words = words[:comma]
    lone = _PREPOSITIONS.get(words[0])
    for length in range(len(words), 0, -1):
        if length == 1 and lone:
            return 1, [Unit(lone, "prep")]
        found = _phrase(words[:length])
        if found:
            return length, [found]
    first = words[0]
    if first[0] == "و" and len(first) > 2:  # "and", written onto the next word
        taken, units = _longest([first[1:], *words[1:]], False)
        return taken, [Unit("and", "and"), *units]
    for length in range(len(words), 0, -1):
        for clitic, rest in _without_clitic(first):
            found = _phrase([rest, *words[1:length]])
            if found:
                return length, [replace(found, before=_CLITICS[clitic])]
    return 1, [_unknown(first, named)]


def _without_clitic(word: str) -> Iterator[tuple[str, str]]:
    if word[0] in _CLITICS and len(word) > 3:
        yield word[0], "ال" + word[2:] if word.startswith("لل") else word[1:]


@lru_cache(maxsize=4096)
def _look(phrase: str) -> tuple[str, str, bool] | None:
    """Kind, English and whether plural, of an Arabic phrase just as it is written."""
    for entry in lexicon().renderings(phrase, "en"):
        return entry.kind.rstrip("+"), entry.text, entry.kind.endswith("+")
    return None


def _phrase(words: list[str]) -> Unit | None:
    """The unit that exactly these words make, in any of the forms they may have."""
    definite = words[0].startswith("ال") and len(words[0]) > 4
    if definite and len(words) == 1:
        unit = _adjective(words[0][2:])
        if unit and (unit.kind == "nation" or unit.value):
            return replace(unit, definite=True)
    found = _look(" ".join(words))
    if found is None and definite:
        found = _look(" ".join([words[0][2:], *words[1:]])) or _look(" ".join(_undefined(words)))
    if found:
        kind, text, plural = found
        several = len(words) > 1 and words[-1].startswith("ال")
        return Unit(text, kind, plural, definite or (several and kind in ("n", "title")))
    if len(words) > 2:
        return None
    stem = words[0][2:] if definite else words[0]
    if len(words) == 2:
        return None
    return _inflected(stem, definite)


def _undefined(words: list[str]) -> list[str]:
    return [word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words]


def _adjective(stem: str) -> Unit | None:
    """An adjective in feminine, plural or accusative form."""
    for ending, put in (("", ""), ("ة", ""), ("ه", ""), ("ى", "ي"), ("يين", "ي"), ("يون", "ي"), ("ين", ""), ("ون", ""), ("ا", ""), ("اً", "")):
        if stem.endswith(ending) and len(stem) - len(ending) > 2:
            base = stem[: len(stem) - len(ending)] + put
            folded = _NEXT_FOLDED.get(fold_words(base))
            if folded:
                return Unit(folded, "a", value=1)
            found = _look(base)
            if found and found[0] in ("nation", "a"):
                plural = found[2] or ending in ("يين", "يون")
                return Unit(found[1], found[0], plural)
    return None


def _inflected(stem: str, definite: bool) -> Unit | None:
    adjective = _adjective(stem)
    if adjective:
        return replace(adjective, definite=definite)
    forms = (
        ("ا", "", False), ("اً", "", False), ("ات", "ة", True), ("ات", "", True), ("ون", "", True),
        ("تين", "ة", True), ("تان", "ة", True), ("ين", "", True), ("ان", "", True), ("ة", "", False),
    )  # fmt: skip
    for ending, put, plural in forms:
        if stem.endswith(ending) and len(stem) - len(ending) > 2:
            found = _look(stem[: -len(ending)] + put)
            if found and found[0] in ("n", "title"):
                dual = ending in ("تين", "تان")
                text = plural_of(found[1]) if plural else found[1]
                return Unit(("two " if dual else "") + text, found[0], plural, definite)
    return None


def _unknown(word: str, named: bool) -> Unit:
    """A word that no list holds: a likely translation, else a name, else it stays.

    After a name it is taken for the next part of that name, unless it is an adjective with article.
    """
    found = () if named and not word.startswith("ال") else lexicon().translations(word, "en")
    if found and found[0][1] >= 0.7:
        adjective = re.search(r"(?:ي|ية|يه)$", word) and " " not in found[0][0]
        return Unit(found[0][0], "a" if adjective else "n", definite=word.startswith("ال"))
    if found or not re.fullmatch(r"[\u0620-\u064a\u0671-\u06d3]{3,}", word):
        return Unit(word, "stay" if re.search(r"[\u0620-\u064a]", word) else "name")
    return Unit(to_latin(word), "name")


def _number(number: Number, text: str, clitic: str) -> Iterator[Unit]:
    written = text[slice(*number.span)]
    before = next((_CLITICS[c] for c in clitic if c in _CLITICS), "")
    value = number.value
    if number.ordinal:
        small = isinstance(value, int) and value < len(_ORDINALS)
        yield Unit(_ORDINALS[int(value)] if small else f"{value:,}th", "a", definite="ال" in written)
        return
    digits = written[-1].isdigit() and written[0].isdigit()
    year = isinstance(value, int) and 1500 <= value < 2100 and digits and len(written) == 4
    if year:
        yield Unit(str(value), "year", value=value, before=before)
        return
    shown = number_text(value, in_words=not digits)
    yield Unit(shown + ("%" if number.percent else ""), "num", value=value, before=before)
    if number.unit and written.split()[-1].endswith(("ين", "ان")) and value == 2:
        yield Unit(number.unit + "s", "n", plural=True)
    elif value == 2 and not digits and (noun := _inflected(written.removeprefix("ال"), False)):
        yield replace(noun, text=noun.text.removeprefix("two "), plural=True)


def number_text(value: float, in_words: bool) -> str:
    """A number as English news write it: ``nine``, ``62,000``, ``1.5 million``."""
    if in_words and value == int(value) and value < len(_SMALL):
        return _SMALL[int(value)]
    for scale, name in ((10**9, "billion"), (10**6, "million")):
        if value >= scale and (value * 10) % scale == 0:
            return f"{value / scale:g} {name}"
    return f"{value:,}"


# From units to phrases ----------------------------------------------------------------------------


def _join(units: list[Unit]) -> str:
    """Segments between commas and "and", joined as an English list."""
    segments: list[list[Unit]] = [[]]
    links: list[str] = []
    for unit in units:
        if unit.kind in (",", "and"):
            if segments[-1]:
                segments.append([])
                links.append(unit.kind)
            continue
        segments[-1].append(unit)
    if not segments[-1]:
        segments.pop()
        links = links[: len(segments) - 1]
    texts = [_compose(segment) for segment in segments]
    if len(texts) > 2 and all(link == "and" for link in links):
        return ", ".join(texts[:-1]) + " and " + texts[-1]
    out = texts[0] if texts else ""
    for link, text in zip(links, texts[1:], strict=True):
        out += ", " + text if link == "," else " and " + text
    return out


def _compose(units: list[Unit]) -> str:
    out: list[str] = []
    i = 0
    while i < len(units):
        text, i = _noun_phrase(units, i)
        out.append(text)
    return re.sub(r"\bin (?=\d+ [A-Z]|[A-Z][a-z]+day\b)", "on ", " ".join(out))


def _noun_phrase(units: list[Unit], i: int) -> tuple[str, int]:
    """One phrase from ``units[i]``, and where it ends."""
    unit = units[i]
    before = unit.before + " " if unit.before else ""
    if before == "in " and unit.kind not in ("place", "org", "n", "month", "year"):
        before = "with "
    if unit.kind == "num":
        return _counted(units, i, before)
    if unit.kind in ("month", "day"):
        return _dated(units, i, before)
    if unit.kind in _NAMES:
        j = i + 1
        while j < len(units) and units[j].kind in _NAMES and not units[j].before:
            j += 1
        return _name_with(units, before + " ".join(one.text for one in units[i:j]), j)
    if unit.kind not in _NOUNS:
        if unit.kind == "a" and unit.plural is False and i + 1 < len(units) and units[i + 1].kind in _NOUNS:
            rest, j = _noun_phrase(units, i + 1)  # an adjective that goes before in Arabic too
            return f"{before}{unit.text} {rest}", j
        return before + unit.text, i + 1
    return _headed(units, i, before)


def _headed(units: list[Unit], i: int, before: str) -> tuple[str, int]:
    """A noun with its adjectives, its second part and its name."""
    head = units[i]
    j = i + 1
    adjectives: list[str] = []
    while j < len(units) and units[j].kind in ("a", "nation") and not units[j].before:
        adjectives.insert(0, units[j].text)
        j += 1
    text = head.text
    if j < len(units) and units[j].kind == "num" and units[j].value == 1:
        return f"{before}one {' '.join([*adjectives, text])}", j + 1
    if text == "president" and j < len(units) and units[j].kind in ("org", "group", "n") and not adjectives:
        text = "head"
    named = j < len(units) and units[j].kind in _NAMES and not units[j].before
    if head.kind == "title" and named:
        name, j = _noun_phrase(units, j)
        return before + " ".join([*adjectives, title_case(text), name]), j
    phrase = " ".join([*adjectives, text])
    if j < len(units) and units[j].kind == "num" and units[j].value == int(units[j].value):
        return f"{before}{phrase} {int(units[j].value)}", j + 1  # a resolution or article by its number
    if head.kind not in ("n", "title"):
        return _name_with(units, before + phrase, j)
    follows = j < len(units) and (units[j].kind in _NOUNS or named) and units[j].before in ("", "for")
    if follows and (head.definite or adjectives) and not units[j].before and units[j].kind in ("place", "person", "name", "group"):
        name, j = _noun_phrase(units, j)  # apposition: the Kazakh capital Astana
        return f"{before}{_the(head, phrase)} {name}", j
    if follows and not (head.definite and not units[j].before):
        second = units[j]
        rest, j = _noun_phrase([*units[:j], replace(second, before=""), *units[j + 1 :]], j)
        if second.kind == "n" and text in _COMPOUND and " of " not in rest:
            return before + " ".join([*adjectives, rest.removeprefix("the "), text]), j
        the = "the " if second.kind in ("org",) and not rest.startswith("the ") else ""
        return f"{before}{phrase} of {the}{rest}", j
    return before + _the(head, phrase), j


def _name_with(units: list[Unit], phrase: str, j: int) -> tuple[str, int]:
    """A place or body, and what it is said to be: Astana, capital of Kazakhstan."""
    if j < len(units) and not units[j].before and units[j].kind in ("n", "title"):
        rest, j = _noun_phrase(units, j)
        return f"{phrase}, {rest}", j
    return phrase, j


def _the(head: Unit, phrase: str) -> str:
    return f"the {phrase}" if head.definite and head.kind in ("n", "title") else phrase


def title_case(title: str) -> str:
    return " ".join(word if word in ("of", "the", "for") else word[:1].upper() + word[1:] for word in title.split())


def _counted(units: list[Unit], i: int, before: str) -> tuple[str, int]:
    number = units[i]
    if i + 1 >= len(units):
        return before + number.text, i + 1
    follower = units[i + 1]
    if follower.kind == "month":
        text, j = _dated(units, i + 1, "")
        before = "on " if before == "in " else before
        return f"{before}{number.text} {text}", j
    if follower.kind in ("n", "title", "nation"):
        rest, j = _noun_phrase(units, i + 1)
        rest = rest.removeprefix("the ")
        if number.value != 1 and not follower.plural:
            rest = rest.replace(follower.text, plural_of(follower.text), 1)
        return f"{before}{number.text} {rest}", j
    return before + number.text, i + 1


def _dated(units: list[Unit], i: int, before: str) -> tuple[str, int]:
    """A month or weekday with what belongs to it: next Monday, January 2017."""
    unit = units[i]
    j = i + 1
    if j < len(units) and units[j].kind == "a" and units[j].value == 1:
        return f"{before}{units[j].text} {unit.text}", j + 1
    if j < len(units) and units[j].text in ("year", "the year") and j + 1 < len(units) and units[j + 1].kind == "year":
        j += 1
    if j < len(units) and units[j].kind == "year" and unit.kind == "month":
        return f"{before}{unit.text} {units[j].text}", j + 1
    return before + unit.text, j


_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women", "aircraft": "aircraft", "news": "news"}


def plural_of(noun: str) -> str:
    """The plural of an English noun or noun phrase (of its last word)."""
    first, _, last = noun.rpartition(" ")
    if last in _IRREGULAR:
        plural = _IRREGULAR[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        plural = last if last.endswith("s") else last + "es"
    elif last.endswith("man"):
        plural = last[:-3] + "men"
    elif re.search(r"[^aeiou]y$", last):
        plural = last[:-1] + "ies"
    else:
        plural = last + "s"
    return f"{first} {plural}".strip()
