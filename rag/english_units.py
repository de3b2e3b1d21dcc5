"""An Arabic span as English units: the longest phrases of the lexicon, numbers, names. For ``rag.to_english``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.arabic_forms import Unit, adjective_unit, counted_noun, inflected, look, phrase_unit
from rag.counted import of_arabic
from rag.hours import hours_in
from rag.lexical import fold_words, is_stop
from rag.lexicon import lexicon
from rag.numbers import Number, numbers_at, range_from, shown, unit_of
from rag.transliterate import to_latin

LONGEST = 7  # words of a phrase
SURE = 0.85  # weight of a translation that may stand in a rendering


_WORD = re.compile(r"\d{1,2}:\d{2}\b|[^\W_]+(?:[-–'’][^\W_]+)*|[،,;؛/]")
_TIME = re.compile(r"\d{1,2}:\d{2}")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_MARKS = re.compile(r"[\u064b-\u0652\u0670\u0640]")
_PREPOSITIONS = {
    "في": "in", "فى": "in", "من": "of", "على": "on", "علي": "on", "إلى": "to", "الى": "to", "بين": "between", "مع": "with",
    "عن": "about", "ضد": "against", "حول": "on", "خلال": "during", "بعد": "after", "قبل": "before", "منذ": "since",
    "حتى": "until", "تحت": "under", "فوق": "over", "عبر": "through", "دون": "without", "بدون": "without",
    "قبيل": "shortly before", "بعيد": "shortly after", "باسم": "for", "لدى": "at", "ضمن": "within", "داخل": "inside", "خارج": "outside", "قرب": "near", "برئاسة": "headed by",
    "بقيادة": "led by", "برعاية": "sponsored by", "بدعم": "with the support of", "نحو": "about", "حوالي": "about",
    "أو": "or", "او": "or", "لمدة": "for", "وفق": "according to", "بسبب": "because of", "بحضور": "in the presence of",
}  # fmt: skip
_CLITICS = {"ب": "in", "ل": "for", "ك": "as", "ف": ""}
_PERCENT = frozenset(fold_words(word) for word in "في فى المئة المائة المية بالمئة بالمائة".split())
_YEAR = frozenset(fold_words(word) for word in "عام العام سنة السنة وعام لعام بعام".split())
NOUNS = frozenset({"n", "title", "org", "group", "place", "lang"})
NAMES = frozenset({"person", "name"})
_BEARERS = frozenset({"person", "name", "title"})  # beside which an unknown word is a name
# Quantities without a number; with or without article, in any case.
_MANY = {
    "عشرات": "dozens",
    "مئات": "hundreds",
    "مءات": "hundreds",
    "آلاف": "thousands",
    "ملايين": "millions",
    "مليارات": "billions",
}
_MANY_FOLDED = {fold_words(word): english for word, english in _MANY.items()}
_PARTS = {"ثلث": "a third", "ثلثا": "two thirds", "ثلثي": "two thirds", "نصف": "half", "ربع": "a quarter"}
_HEDGES = {
    fold_words(arabic): english
    for arabic, english in (
        ("ما لا يقل عن", "at least"), ("لا يقل عن", "at least"), ("ليس أقل من", "at least"), ("ما لا يقل على", "at least"),
        ("ما يزيد عن", "more than"), ("ما يزيد على", "more than"), ("أكثر من", "more than"), ("أقل من", "fewer than"),
        ("ما يقارب", "nearly"), ("ما يقرب من", "nearly"), ("قرابة", "nearly"), ("زهاء", "about"), ("ما يصل إلى", "up to"),
        ("ما بين", "between"), ("حوالى", "about"),
    )
}  # fmt: skip
_NEVER = frozenset({"محافظة"})  # a province, not conservative
_FALLS = frozenset({"سقوط", "وقوع", "وسقوط", "ووقوع"})
# The lexicon has other senses of them, or none; folded, Layla is nightly.
_OWN = {"استشهاد": ("martyrdom", "n"), "ليلى": ("Layla", "name")}
_OF_A_HUNDRED = frozenset(fold_words(word) for word in "بالمئة بالمائة بالمية بالألف".split())
_LONGEST_WORD = 40  # letters
_DUAL_HEADS = frozenset("رئيسا رئيسي وزيرا وزيري نائبا نائبي مندوبا سفيرا مديرا".split())
_TROOPS = {
    "اللواء": "brigade", "لواء": "brigade", "الفرقة": "division", "فرقة": "division", "الفوج": "regiment", "الكتيبة": "battalion",
    "الفيلق": "corps", "المادة": "article", "الفقرة": "paragraph", "البند": "clause",
}  # fmt: skip
_NTH = frozenset(
    "الأول الأولى الثاني الثانية الثالث الثالثة الرابع الرابعة الخامس الخامسة السادس السادسة السابع السابعة الثامن الثامنة التاسع التاسعة العاشر العاشرة".split()
)
_ONCE = frozenset({"المرة", "للمرة"})
# Before a month.
_OF_MONTH = {
    "أوائل": "early", "اوائل": "early", "مطلع": "early", "أواخر": "late", "اواخر": "late", "منتصف": "mid", "نهاية": "the end of",
    "بداية": "the beginning of", "شهر": "",
}  # fmt: skip
_STRETCHES = frozenset("الشهر العام السنة الأسبوع الاسبوع القرن العقد شهر عام سنة".split())
_SMALL = "zero one two three four five six seven eight nine ten".split()
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()


def units_of(text: str) -> list[Unit]:
    """The units of ``text`` in order; unknown words are names or ``stay``."""
    return _settled(list(_units(_MARKS.sub("", text))))


def _settled(units: list[Unit]) -> list[Unit]:
    """Words that no list holds, as names where their neighbours are names or what bears one.

    Elsewhere they stay as they are: they may be verbs or rare nouns.
    """
    out = units = list(_months_once(units))
    alone = len(units) <= 3 and all(unit.kind in ("maybe", "and", ",", *NAMES) for unit in units)
    for i, unit in enumerate(units):
        if unit.kind != "maybe":
            continue
        beside = (*out[max(0, i - 1) : i], *units[i + 1 : i + 2])
        if alone or any(one.kind in _BEARERS and not one.before for one in beside):
            out[i] = replace(unit, kind="name")
        else:
            out[i] = replace(unit, kind="stay", text=unit.source)
    return out


def _months_once(units: list[Unit]) -> Iterator[Unit]:
    """A month told by two of its names, as in «كانون الأول/ديسمبر», once."""
    last, held = "", None
    for unit in units:
        if unit.kind == "," and last:
            held = unit
            continue
        if unit.kind == "month" and unit.text == last:
            held = None
            continue
        if held is not None:
            yield held
            held = None
        last = unit.text if unit.kind == "month" else ""
        yield unit
    if held is not None:
        yield held


def _units(text: str) -> Iterator[Unit]:
    numbers, hours = numbers_at(text), hours_in(text, "en")
    words = list(_WORD.finditer(text))
    i = 0
    # Whether a name, a noun without article, or a number came just before.
    named = noun = counted = False
    while i < len(words):
        start = words[i].start()
        if hour := hours.get(start):
            if hour.joined:
                yield Unit("and", "and")
            yield Unit(hour.text, "time", source=hour.when)
            named = noun = counted = False
            i = next((j for j, word in enumerate(words) if word.start() >= hour.span.end), len(words))
            continue
        if _TIME.fullmatch(words[i][0]):
            yield Unit(words[i][0], "name")
            i += 1
            continue
        if words[i][0] == "بقوة" and i + 1 < len(words) and words[i + 1].start() in numbers:
            strength = numbers[words[i + 1].start()]
            degrees = re.match(r" درج(?:ات|ة)(?: على مقياس ريختر)?", text[strength.span.end :])
            if degrees:
                yield Unit(f"of magnitude {shown(strength.value)}", "prep")
                end = strength.span.end + degrees.end()
                i = next((j for j, word in enumerate(words) if word.start() >= end), len(words))
                continue
        if half := _and_half([word[0] for word in words[i : i + 3]]):
            yield from half[1]
            i += half[0]
            continue
        if two := _two([word[0] for word in words[i : i + 2]]):
            taken, units = two
            yield from units
            i += taken
            continue
        offset = next((o for o in (0, 1, 2, 3) if start + o in numbers and start + o < words[i].end()), None)
        if offset is not None and numbers[start + offset].ordinal:
            fixed = phrase_unit([word[0] for word in words[i : i + 2]]) if i + 1 < len(words) else None
            offset = None if fixed else offset
        if offset is not None:
            number = numbers[start + offset]
            if text[start] == "و" and offset:
                yield Unit("and", "and")
            end = max(number.span.end, *(word.end() for word in words[i:] if word.start() < number.span.end))
            clitic = text[start : start + offset].rstrip("-−")
            if end == number.span.end:
                yield from _number(number, text, clitic)
            elif last := range_from(number, numbers, end):
                yield _range(number, last, clitic)
                number = last
            else:
                yield Unit(text[number.span.start : end], "stay")
            counted = not number.ordinal
            i = next((j for j, word in enumerate(words) if word.start() >= end), len(words))
            if number.unit and i < len(words) and unit_of(words[i][0]) == number.unit:
                yield Unit(number.unit + "s" * (number.value != 1), "n", plural=True)
                i += 1
            while number.percent and i < len(words) and fold_words(words[i][0]) in _PERCENT:
                i += 1
            continue
        following = numbers.get(words[i + 1].start()) if i + 1 < len(words) else None
        if fold_words(words[i][0]) in _YEAR and following and 0 < following.value < 2100:
            yield Unit(f"{following.value:g}", "year", value=following.value)
            i += 2
            continue
        if words[i][0] in "،,;؛/":
            yield Unit(",", ",")
            i += 1
            continue
        if counted and (what := of_arabic([word[0] for word in words[i : i + 2]])) and not what[2]:
            one = number.value == 1
            yield Unit(what[1].english if one else what[1].englishes, "n", plural=not one)
            i, counted, noun, named = i + what[0], False, True, False
            continue
        if words[i][0] in _FALLS and (following or (i + 1 < len(words) and _two([words[i + 1][0]]))):
            i += 1  # «سقوط 20 قتيلا» are 20 dead
            continue
        taken, units = _longest([word[0] for word in words[i : i + LONGEST]], named)
        either = noun and taken == 1 and units[0].kind in ("n", "title")
        if either and words[i][0] not in _NEVER and (other := adjective_unit(words[i][0])):
            units = [other]  # a word that may be either, after a noun: زلزال قوي
        if counted and taken == 1 and units[0].kind == "a" and (other := counted_noun(words[i][0])):
            units = [other]
        counted = False
        yield from units
        named, noun = units[-1].kind in NAMES, units[-1].kind == "n" and not units[-1].definite
        i += taken


_HALVED = {
    fold_words(form): (number, unit)
    for unit, ones, twos in (
        ("year", "عام عاما سنة", "عامان عامين سنتان سنتين"), ("month", "شهر شهرا", "شهران شهرين"), ("week", "أسبوع أسبوعا", "أسبوعان أسبوعين"),
        ("day", "يوم يوما", "يومان يومين"), ("hour", "ساعة", "ساعتان ساعتين"), ("minute", "دقيقة", "دقيقتان دقيقتين"),
    )
    for number, forms in ((1, ones), (2, twos))
    for form in forms.split()
}  # fmt: skip


def _and_half(words: list[str]) -> tuple[int, list[Unit]] | None:
    """«عامين ونصف» are two and a half years."""
    known = _HALVED.get(fold_words(words[0])) if len(words) > 1 and words[1] in ("ونصف", "والنصف") else None
    if known is None:
        return None
    number, unit = known
    again = len(words) > 2 and fold_words(words[2].removeprefix("ال")) in _HALVED
    shown_as = f"{'one' if number == 1 else 'two'} and a half"
    return 2 + again, [Unit(shown_as, "num", value=number + 0.5), Unit(unit + "s", "n", plural=True)]


def _two(words: list[str]) -> tuple[int, list[Unit]] | None:
    """Two of something in one word: «شهيدان», «مرتين»."""
    joined = words[0].startswith("و") and of_arabic(words) is None
    found = of_arabic([words[0][1:], *words[1:]] if joined else words)
    if found is None or not found[2]:
        return None
    units = [Unit("and", "and")] * joined
    if found[1].english == "time":
        return found[0], [*units, Unit("twice", "adv")]
    return found[0], [*units, Unit("two", "num", value=2), Unit(found[1].englishes, "n", plural=True)]


def _hedge(words: list[str]) -> tuple[int, Unit] | None:
    """More than, at least; before a number."""
    for length in range(min(4, len(words)), 0, -1):
        text = _HEDGES.get(fold_words(" ".join(words[:length])))
        if text:
            return length, Unit(text, "prep")
    return None


def _longest(words: list[str], named: bool) -> tuple[int, list[Unit]]:
    """The units that the next words begin with, and how many words they take."""
    comma = next((k for k, word in enumerate(words) if word in "،,;؛/"), len(words))
    words = words[:comma]
    if many := _quantity(words[0], len(words) > 1):
        return 1, [many]
    if hedge := _hedge(words):
        return hedge[0], [hedge[1]]
    if words[0] in _OWN:
        return 1, [Unit(*_OWN[words[0]])]
    if words[0] in _ONCE:
        return 1, [Unit("time", "n", definite=True, before="for" * words[0].startswith("ل"))]
    if words[0] in _OF_MONTH and len(words) > 1:
        month = look(words[1])
        if month and month[0] == "month":
            return 1, [Unit(_OF_MONTH[words[0]], "prep")]
        if words[1] in _STRETCHES and _OF_MONTH[words[0]]:
            return 1, [Unit(_OF_MONTH[words[0]].replace("mid", "the middle of"), "prep")]
    lone = _PREPOSITIONS.get(words[0])
    if len(words[0]) > _LONGEST_WORD or fold_words(words[0]) in _OF_A_HUNDRED:
        return 1, [Unit(words[0], "stay")]
    if words[0] in _DUAL_HEADS and len(words) > 1 and words[1].startswith("ال"):
        return 1, [Unit(words[0], "stay")]  # the ministers of two things; no English says it in as many words
    if words[0] in _TROOPS and len(words) > 1 and (words[1].isdigit() or words[1] in _NTH):
        return 1, [Unit(_TROOPS[words[0]], "n", definite=not words[1].isdigit())]
    if words[0] == "اليوم" and len(words) > 1 and (words[1] in _NTH or _names_a_day(words[1])):
        return 1, [Unit("day", "n", definite=True)]
    if words[0][0] == "و" and len(words[0]) > 2 and not look(words[0]):
        # "And" before what is listed goes before a word's own forms: «وجبهة النصرة» is no meal.
        rests = ([words[0][1:], *words[1:length]] for length in range(len(words), 0, -1))
        if any(look(" ".join(rest)) for rest in rests):
            taken, units = _longest([words[0][1:], *words[1:]], False)
            return taken, [Unit("and", "and"), *units]
    for length in range(len(words), 0, -1):
        if length == 1 and lone:
            return 1, [Unit(lone, "prep")]
        found = phrase_unit(words[:length])
        if found:
            return length, [found]
    first = words[0]
    if first[0] == "و" and len(first) > 2:  # "and", written onto the next word
        taken, units = _longest([first[1:], *words[1:]], False)
        if units[0].kind not in ("stay", "maybe") or not inflected(first, False):
            return taken, [Unit("and", "and"), *units]
    for length in range(len(words), 0, -1):
        for clitic, rest in _without_clitic(first):
            found = phrase_unit([rest, *words[1:length]])
            if found:
                return length, [replace(found, before=_CLITICS[clitic])]
    return 1, [_unknown(first, named)]


def _quantity(word: str, more: bool) -> Unit | None:
    """Dozens, hundreds, …; and parts of what follows."""
    folded = fold_words(word)
    bare = folded if folded in _MANY_FOLDED else folded.removeprefix("ال")
    if bare in _MANY_FOLDED:
        return Unit(_MANY_FOLDED[bare], "many", plural=True, definite=bare != folded)
    return Unit(_PARTS[word], "many") if more and word in _PARTS else None


def _names_a_day(word: str) -> bool:
    """«اليوم العالمي» is a day of the world, no today."""
    return (
        word.startswith("ال")
        and len(word) > 5
        and word.endswith("ي")
        and adjective_unit(word[2:]) is not None
    )


def _without_clitic(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("لل") and look(word[1:]):
        yield "ل", word[1:]  # «للبنان»
    if word[0] == "ك" and not look(word[1:].removeprefix("ال")):
        return
    if word[0] in _CLITICS and len(word) > 3:
        yield word[0], "ال" + word[2:] if word.startswith("لل") else word[1:]


def _unknown(word: str, named: bool) -> Unit:
    """A word that no list holds: a likely translation, else perhaps a name, else it stays.

    After a name it is taken for the next part of that name.
    """
    found = () if named else lexicon().translations(word, "en")
    if found and found[0][1] >= SURE:
        adjective = re.search(r"(?:ي|ية|يه)$", word) and " " not in found[0][0]
        return Unit(found[0][0], "a" if adjective else "n", definite=word.startswith("ال"))
    short = len(word) < (2 if named else 3)
    if (
        found
        or short
        or is_stop(fold_words(word))
        or not re.fullmatch(r"[\u0620-\u064a\u0671-\u06d3]+", word)
    ):
        return Unit(word, "stay" if _ARABIC.search(word) else "name")
    return Unit(to_latin(word), "maybe", source=word)


def _ordinal(value: int) -> str:
    ending = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value:,}{ending}"


def _range(first: Number, last: Number, clitic: str) -> Unit:
    text = f"{number_text(first.value, False)} to {number_text(last.value, False)}{'%' * last.percent}"
    return Unit(text, "num", value=last.value, before=_preposition(clitic))


def _preposition(clitic: str) -> str:
    return next((_CLITICS[c] for c in clitic if c in _CLITICS), "")


def _number(number: Number, text: str, clitic: str) -> Iterator[Unit]:
    written = text[slice(*number.span)]
    before = _preposition(clitic)
    value = number.value
    if number.ordinal:
        small = isinstance(value, int) and value < len(_ORDINALS)
        yield Unit(_ORDINALS[int(value)] if small else _ordinal(int(value)), "a", definite="ال" in written)
        return
    digits = written[-1].isdigit() and written.lstrip("-−")[0].isdigit()
    if re.fullmatch(r"0\d{3,}", written):
        yield Unit(written, "name")  # of a telephone
        return
    year = isinstance(value, int) and 1500 <= value < 2100 and digits and len(written) == 4
    if year:
        yield Unit(str(value), "year", value=value, before=before)
        return
    shown = number_text(value, in_words=not (digits or number.percent))
    yield Unit(shown + ("%" if number.percent else ""), "num", value=value, before=before)
    if number.unit and written.split()[-1].endswith(("ين", "ان")) and value == 2:
        yield Unit(number.unit + "s", "n", plural=True)
    elif value == 2 and not digits and (noun := inflected(written.removeprefix("ال"), False)):
        yield replace(noun, text=noun.text.removeprefix("two "), plural=True)


def number_text(value: float, in_words: bool) -> str:
    """A number as English news write it: ``nine``, ``62,000``, ``1.5 million``."""
    if in_words and value == int(value) and value < len(_SMALL):
        return _SMALL[int(value)]
    for scale, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        share = value / scale
        if 1 <= share < 1000 and (value * 1000) % scale == 0:
            return f"{shown(share)} {name}"
    return shown(value)
