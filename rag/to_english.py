"""An Arabic span in English word order. Used by ``rag.render`` alone.

Units become noun phrases: adjectives go before their noun, the second part of an iḍāfa behind "of", a
name behind its title. Waw and commas make lists.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.arabic_forms import Unit, plural_of
from rag.english_units import NAMES, NOUNS, units_of

_SIDES = {"north": "northern", "south": "southern", "east": "eastern", "west": "western", "center": "central"}
_RATES = frozenset("rate percentage ratio proportion share".split())
_WITH_IN = frozenset("rise fall increase decrease drop decline".split())
# A head that takes what follows before it rather than behind "of": a ceasefire agreement.
_COMPOUND = frozenset(
    "agreement deal talks negotiations forces operation operations station plan process crisis members center "
    "convoy convoys airport conference army police minister ministry prices price program committee campaign exams exam law "
    "project team centre office shortage costs summit ceremony cup market system service services sector season company factory "
    "students workers union budget bill aid camp camps certificate outbreak policy director".split()
)
# A head that takes the name of its place before it: Suwayda province.
_OF_PLACE = frozenset("province governorate neighborhood neighbourhood district countryside airport".split())
_OPEN = frozenset({"stay", "v"})  # what leaves a rendering incomplete
_WHENCE = frozenset({"time", "day", "month", "year", "place"})


def to_english(text: str) -> tuple[str, bool]:
    """``text`` in English, and whether all of it is."""
    units = units_of(text)
    if len(units) > 1 and units[0].text == "of":
        dated = units[1].kind == "num" and len(units) > 2 and units[2].kind == "month"
        if dated or units[1].kind in _WHENCE:
            units[0] = replace(units[0], text="from")  # a span that begins so says since when, or whence
    rendered = " ".join(_join(_dated_from_now(units)).split())
    rendered = re.sub(r"\s+([,;])", r"\1", rendered)
    return rendered, all(unit.kind not in _OPEN for unit in units)


_LASTING = re.compile(r"(?:second|minute|hour|day|night|week|month|year|decade|centur(?:y|ie))s?$")


def _dated_from_now(units: list[Unit]) -> list[Unit]:
    """Two days ago for «قبل يومين», two days before it for «قبل يومين من ذلك», since two days ago for «منذ يومين»."""
    out: list[Unit] = []
    i = 0
    while i < len(units):
        unit = units[i]
        lasting = [one for one in units[i + 1 : i + 3] if one.kind in ("num", "n")]
        last = lasting[-1] if lasting else None
        if unit.text in ("before", "after", "since") and last is not None and _LASTING.search(last.text):
            counted = last.kind == "n" and (len(lasting) == 2 or not last.definite)
            j = i + 1 + len(lasting)
            relative = j < len(units) and units[j].text == "of" and units[j].kind == "prep"
            ago = {"before": "ago", "after": "later", "since": "ago"}[unit.text]
            if counted and (relative or ago == "ago") and not (j < len(units) and units[j].kind == "a"):
                one = (
                    []
                    if len(lasting) == 2 or last.plural
                    else [Unit("a" if last.text != "hour" else "an", "prep")]
                )
                behind = Unit(unit.text if relative else ago, "prep")
                out += [*([unit] if unit.text == "since" else []), *one, *lasting, behind]
                i = j + relative
                continue
        if unit.text == "in" and i + 1 < len(units) and units[i + 1].kind in ("month", "day"):
            after = units[i + 2] if i + 2 < len(units) else None
            if after is not None and after.kind == "a" and after.text in ("last", "next", "this"):
                i += 1  # last October
                continue
        out.append(unit)
        i += 1
    return out


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
        if units[i].kind == "time" and i and units[i - 1].kind not in ("prep", "time"):
            text, i = units[i].source, i + 1
        else:
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
    if unit.kind == "many":
        return _many(units, i, before)
    if unit.kind in ("month", "day"):
        return _dated(units, i, before)
    if unit.kind in NAMES:
        j = i + 1
        while j < len(units) and units[j].kind in NAMES and not units[j].before:
            j += 1
        return _name_with(units, before + " ".join(one.text for one in units[i:j]), j)
    if unit.kind not in NOUNS:
        if unit.kind == "a" and unit.plural is False and i + 1 < len(units) and units[i + 1].kind in NOUNS:
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
        if head.kind == "place" and units[j].text not in _SIDES.values():
            break  # it belongs to the noun before: مطار دمشق الدولي
        adjectives.insert(0, units[j].text)
        j += 1
    text = head.text
    if j < len(units) and units[j].kind == "num" and units[j].value == 1:
        return f"{before}one {' '.join([*adjectives, text])}", j + 1
    if text == "president" and j < len(units) and units[j].kind in ("org", "group", "n") and not adjectives:
        text = "head"
    named = j < len(units) and units[j].kind in NAMES and not units[j].before
    if head.kind == "title" and named:
        name, j = _noun_phrase(units, j)
        return before + " ".join([*adjectives, title_case(text), name]), j
    phrase = " ".join([*adjectives, text])
    if j < len(units) and units[j].kind == "num":
        return _numbered(units, j, phrase, before)
    if head.kind not in ("n", "title"):
        return _name_with(units, before + phrase, j)
    follows = j < len(units) and (units[j].kind in NOUNS or named) and units[j].before in ("", "for")
    if (
        follows
        and (head.definite or adjectives)
        and not units[j].before
        and units[j].kind in ("place", "person", "name", "group")
    ):
        name, j = _noun_phrase(units, j)  # apposition: the Kazakh capital Astana
        return f"{before}{_the(head, phrase)} {name}", j
    if follows and not (head.definite and not units[j].before):
        second = units[j]
        if text in _SIDES and second.kind in ("place", "n"):
            rest, j = _noun_phrase(units, j)
            return f"{before}{_SIDES[text]} {rest.removeprefix('the ')}", j
        if text in ("highway", "road") and [one.kind for one in units[j : j + 2]] == ["place", "place"]:
            return before + " ".join([*adjectives, f"{second.text}-{units[j + 1].text}", text]), j + 2
        rest, j = _noun_phrase([*units[:j], replace(second, before=""), *units[j + 1 :]], j)
        if second.kind == "place" and j < len(units) and units[j].kind == "a" and not adjectives:
            return f"{before}{rest} {units[j].text} {text}", j + 1
        if second.kind == "place" and text in _OF_PLACE and not head.definite:
            return before + " ".join([*adjectives, rest, text]), j
        if second.kind == "n" and text in _COMPOUND and " of " not in rest:
            return before + " ".join([*adjectives, rest.removeprefix("the "), text]), j
        the = "the " if second.kind in ("org",) and not rest.startswith("the ") else ""
        return f"{before}{phrase} {'in' if text in _WITH_IN else 'of'} {the}{rest}", j
    return before + _the(head, phrase), j


def _numbered(units: list[Unit], j: int, phrase: str, before: str) -> tuple[str, int]:
    """A noun with a number: a resolution by its own, a rise of 15%, a cost of five million dollars."""
    number = units[j]
    if number.text.endswith("%") and phrase in _RATES:
        return ("by " if before else "") + number.text, j + 1
    measured = j + 1 < len(units) and units[j + 1].kind in ("n", "title")
    if measured or number.text.endswith("%"):
        amount, j = _counted(units, j, "")
        return f"{before}{phrase} of {amount}", j
    return f"{before}{phrase} {number.text.replace(',', '')}", j + 1


def _many(units: list[Unit], i: int, before: str) -> tuple[str, int]:
    """Hundreds of people, tens of thousands of them; half of the residents."""
    text, j = units[i].text, i + 1
    while j < len(units) and units[j].kind == "many":
        text, j = f"{text.replace('dozens', 'tens')} of {units[j].text}", j + 1
    if j < len(units) and units[j].kind in NOUNS and not units[j].before:
        of = units[j]
        whole = not units[i].plural
        rest, j = _noun_phrase(units, j)
        if not whole:
            rest = rest.removeprefix("the ")
            rest = rest if of.plural else rest.replace(of.text, plural_of(of.text), 1)
        return f"{before}{text} of {rest}", j
    return before + text, j


def _name_with(units: list[Unit], phrase: str, j: int) -> tuple[str, int]:
    """A place or body, and what it is said to be: Astana, capital of Kazakhstan; or where: a camp south of Damascus."""
    if (
        j + 1 < len(units)
        and units[j].text in _SIDES
        and not units[j].before
        and units[j + 1].kind == "place"
    ):
        return f"{phrase} {units[j].text} of {units[j + 1].text}", j + 2
    if j < len(units) and not units[j].before and units[j].kind in ("n", "title"):
        rest, j = _noun_phrase(units, j)
        return f"{phrase}, {rest}", j
    return phrase, j


def _the(head: Unit, phrase: str) -> str:
    return f"the {phrase}" if head.definite and head.kind in ("n", "title") else phrase


def title_case(title: str) -> str:
    return " ".join(
        word if word in ("of", "the", "for") else word[:1].upper() + word[1:] for word in title.split()
    )


def _counted(units: list[Unit], i: int, before: str) -> tuple[str, int]:
    number = units[i]
    if i + 1 >= len(units):
        return before + number.text, i + 1
    follower = units[i + 1]
    if follower.kind == "month":
        text, j = _dated(units, i + 1, "")
        before = "on " if before == "in " else before
        relation, _, month = text.partition(" ")
        if relation in ("this", "next", "last"):  # last 29 December; the present month needs no word
            text, before = month, before if relation == "this" else f"{before}{relation} "
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
    if (
        j < len(units)
        and units[j].text in ("year", "the year")
        and j + 1 < len(units)
        and units[j + 1].kind == "year"
    ):
        j += 1
    if j < len(units) and units[j].kind == "year" and unit.kind == "month":
        return f"{before}{unit.text} {units[j].text}", j + 1
    return before + unit.text, j
