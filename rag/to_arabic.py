"""An English span in Arabic word order. Used by ``rag.render`` alone.

Units become noun phrases: adjectives go behind their noun and agree with it, a noun before a noun
becomes the second part of an iḍāfa, a title goes before the name. Commas and "and" become waw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.arabic_units import NAMES, NOUNS, Unit, singular_of, units_of
from rag.counted import COUNTS, COUNTS_FEMININE, duals, of_english
from rag.numbers import numbers_at, shown

_OPEN = frozenset({"stay", "guess", "v"})  # what leaves a rendering incomplete
_SIDES = {"شرقي": "شرق", "غربي": "غرب", "شمالي": "شمال", "جنوبي": "جنوب", "مركزي": "وسط"}
_WOMEN = frozenset(
    """أنغيلا أنجيلا تيريزا هيلاري ماريا فيديريكا مريم فاطمة عائشة آنا ماري أورسولا كريستين مارغريت إليزابيث
    سارة ليلى نادية كاميلا جاسيندا ميشيل نانسي كوندوليزا مادلين جوليا هدى سميرة خديجة زينب ملالا نجلاء""".split()
)
_TITLES = frozenset("وزير رئيس مستشار متحدث سفير ملك أمير نائب مدير مبعوث مندوب طبيب".split())
_FEMININE = frozenset("حرب أرض شمس نفس نار يد عين دار بئر ريح طريق سوق كأس روح نساء امرأة".split())
_MASCULINE = frozenset(
    "ريف مخيم معبر جبل سهل وادي نهر حي مطار سد قطاع ميناء جسر بحر خليج".split()
)  # before a place's name
_LIKE_FEMININE = re.compile(r"(?:ة|اء|ى|يا|ات)$")
_PART = re.compile(
    r"\b(?:thirds|quarters|fifths|tenths)\b|\b(?:a|one) (?:third|quarter|fifth|tenth)\b(?! (?:past|to)\b)|\b(?:third|quarter|half) of\b",
    re.I,
)
# What befell those who are counted, as a noun before them.
_BEFALLEN = {
    "killed": "مقتل", "wounded": "إصابة", "injured": "إصابة", "hurt": "إصابة", "arrested": "اعتقال", "detained": "احتجاز",
    "kidnapped": "اختطاف", "abducted": "اختطاف", "captured": "أسر", "displaced": "نزوح", "missing": "فقدان", "rescued": "إنقاذ",
    "released": "إطلاق سراح", "evacuated": "إجلاء",
}  # fmt: skip
_ADJECTIVE = re.compile(r"(?:ي|ية|يون|يين|يات)$|^(?:مسلح|مشترك|عام|خاص|متحد)ة?$")


def to_arabic(text: str) -> tuple[str, bool]:
    """``text`` in Arabic, and whether all of it is."""
    text = re.sub(r"(\d{1,2}), (\d{4})\b", r"\1 \2", text)  # the comma of January 23, 2017
    if told := _part_of(text):
        return told
    text = re.sub(r"\b([UE])\.([SKN])\b\.?(?:A\.)?", r"\1\2", text)
    text = re.sub(r"\bUS\$", "$", text)
    if re.search(r"['’]s \w+ \w|\d{3}0s\b|[¢-¥₠-⃀](?<![£€])", text) or _PART.search(text):
        return text, False  # decades, rarer currencies, parts of a whole
    if told := _befallen(text) or _from_now(text):
        return told
    units = list(units_of(text))
    rendered = " ".join(_join(units).split())
    return re.sub(r"\s+،", "،", rendered), all(unit.kind not in _OPEN for unit in units)


def _befallen(text: str) -> tuple[str, bool] | None:
    """«مقتل جنديين» for two soldiers killed."""
    words = text.split()
    masdar = _BEFALLEN.get(words[-1].lower()) if words else None
    counted = of_english(words[-2:-1]) if len(words) > 2 else None
    if masdar is None or counted is None or words[-2].lower() in _BEFALLEN or not numbers_at(text):
        return None
    rest, complete = to_arabic(" ".join(words[:-1]))
    two = duals(counted[1].arabic)
    return f"{masdar} {rest.replace(*two)}", complete


_SHARES = {
    "half": "نصف", "a third": "ثلث", "one third": "ثلث", "two thirds": "ثلثا", "a quarter": "ربع", "one quarter": "ربع",
    "three quarters": "ثلاثة أرباع", "a fifth": "خمس", "one fifth": "خمس", "most": "معظم",
}  # fmt: skip
_SHARE = re.compile(rf"({'|'.join(_SHARES)}) of (the (?!\w+illion).+)", re.I)


def _part_of(text: str) -> tuple[str, bool] | None:
    """«نصف السكان» for half of the residents."""
    match = _SHARE.fullmatch(text)
    if match is None:
        return None
    whole, complete = ("السكان", True) if match[2].lower() == "the population" else to_arabic(match[2])
    return f"{_SHARES[match[1].lower()]} {re.sub('ون$', 'ين', whole)}", complete


def _from_now(text: str) -> tuple[str, bool] | None:
    """«قبل يومين» for two days ago, «بعد أسبوعين» for two weeks later."""
    rest, _, last = text.rpartition(" ")
    before = {"ago": "قبل", "earlier": "قبل", "later": "بعد"}.get(last.lower())
    if before is None or not rest or not (numbers_at(rest) or rest.lower().startswith(("a ", "an "))):
        return None
    told, complete = to_arabic(rest)
    return f"{before} {_GENITIVE.sub('ين', told)}", complete


_SOUND = re.compile(r"^(\w{3,})ون\b")  # a plural, behind a noun
_GENITIVE = re.compile(r"(?<=\w\w)ان\b")  # of a dual


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
        two = (
            units[i].kind == "counted" and units[i].value == 2 and i and units[i - 1].kind in ("prep", "for")
        )
        text, i = _piece(units, i)
        out.append(_GENITIVE.sub("ين", text) if two else text)
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
    if unit.kind == "of" and i and units[i - 1].kind == "counted":
        rest, j = _piece(units, i + 1) if i + 1 < len(units) else ("", i + 1)
        return f"من {rest}", j
    if unit.kind in ("of", "none"):
        return unit.text, i + 1
    if unit.kind == "num":
        return _counted(units, i)
    if unit.kind == "many":
        return _many(units, i)
    if unit.kind in NAMES:
        j = i
        while j < len(units) and units[j].kind in NAMES:
            j += 1
        name = " ".join(one.text for one in units[i:j])
        if j < len(units) and units[j].kind in ("n", "title"):  # Xinhua News Agency
            text, j = _noun_phrase(units, j)
            return f"{text} {name}", j
        return name, j
    if unit.kind in ("month", "day"):
        return _dated(units, i, "")
    if unit.kind == "r" and (i + 1 >= len(units) or units[i + 1].kind not in NOUNS):
        return unit.text, i + 1
    return _noun_phrase(units, i)


def _many(units: list[Unit], i: int) -> tuple[str, int]:
    """«مئات الأشخاص» for hundreds of people, «عشرات آلاف الأشخاص» for tens of thousands of them."""
    text, j = units[i].text, i + 1
    while j + 1 < len(units) and units[j].kind == "of" and units[j + 1].kind == "many":
        text, j = f"{text} {units[j + 1].text}", j + 2
    if j + 1 < len(units) and units[j].kind == "of" and units[j + 1].kind in ("the", "a", "nation", *NOUNS):
        rest, j = _noun_phrase([*units[: j + 1], Unit("", "the"), *units[j + 1 :]], j + 1)
        first, _, more = rest.partition(" ")
        return " ".join([text, re.sub("ون$", "ين", first), more]).rstrip(), j - 1
    return text, j


def _dated(units: list[Unit], i: int, day: str) -> tuple[str, int]:
    """«23 يناير 2017» for January 23, 2017 as for 23 January 2017."""
    parts = [units[i].text]
    j = i + 1
    if units[i].kind == "month":
        if j < len(units) and units[j].kind in ("num", "a") and units[j].value != 1 and not day:
            day = shown(units[j].value) if units[j].value else units[j].text
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
        elif unit.kind in NOUNS:
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
            shown = [
                definite(a.text) if parts.article == "the" else a.text for a in reversed(parts.adjectives)
            ]
            return " ".join(shown), j
        return (units[i].text, i + 1) if j == i else ("", j)
    head = parts.nouns[-1]
    if head.kind == "place" and len(parts.adjectives) == 1 and parts.adjectives[0].text in _SIDES:
        return f"{_SIDES[parts.adjectives[0].text]} {head.text}", j
    named = j < len(units) and units[j].kind in (*NAMES, "place", "group", "org")
    nation = any(a.kind == "nation" for a in parts.adjectives)
    relative = any(a.value for a in parts.adjectives)
    known = parts.article == "the" or relative or (named and head.kind == "title")
    known = known or (nation and parts.article == "" and not count)
    text, closed = _idafa(head, parts.nouns[:-1])
    if (
        closed
        and head.plural
        and not parts.article
        and parts.nouns[-2:-1]
        and parts.nouns[0].kind == "n"
        and not count
    ):
        last = text.split()[-1]
        text = text if last.startswith("ال") else f"{text.removesuffix(last)}ال{last}"  # university students
    if named and units[j].text.split()[0] in _WOMEN:
        text = _womans(text)
    if text == "منتصف الليل" and j < len(units) and units[j].kind == "day":
        return f"منتصف ليل {units[j].text}", j + 1
    feminine = is_feminine(text, head.plural and head.kind != "title")
    if j + 1 < len(units) and units[j].kind == "of" and not count:
        if parts.article == "the" and units[j + 1].kind in ("n", "title", "a") and head.kind != "title":
            # What is defined by its second part has it defined: the price of bread.
            units = [*units[: j + 1], Unit("", "the"), *units[j + 1 :]]
        rest, j = _piece(units, j + 1)
        rest = _SOUND.sub(r"\1ين", rest, count=1)
        text = f"{text.removeprefix('ال')} {rest}" if rest else text
        closed = True
        known = known or rest.startswith("ال")
    if known and not closed and head.kind in ("n", "title"):
        text = definite(text)
    for adjective in reversed(parts.adjectives):
        text += " " + agreeing(
            adjective.text,
            feminine,
            known or text.startswith("ال"),
            head.plural and head.kind == "title",
            count == 2,
        )
    if named:
        name, j = _piece(units, j)
        text = f"{text} {name}"
    return text, j


def _womans(title: str) -> str:
    """A title as a woman bears it."""
    words = title.split()
    for at, word in enumerate(words):
        if word.removeprefix("ال") in _TITLES:
            words[at] = word + "ة"
            if (
                at + 1 < len(words)
                and words[at + 1].startswith("ال")
                and words[at + 1].endswith("ي")
                and word.startswith("ال")
            ):
                words[at + 1] += "ة"
            break
    return " ".join(words)


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
    return " ".join(
        "ال" + word if i == 0 or _ADJECTIVE.search(word) else word for i, word in enumerate(words)
    )


def is_feminine(noun: str, plural: bool) -> bool:
    first = noun.split()[0]
    if first in _MASCULINE:
        return False
    return plural or first in _FEMININE or bool(_LIKE_FEMININE.search(first))


def agreeing(adjective: str, feminine: bool, known: bool, people: bool, two: bool = False) -> str:
    if adjective.startswith("الـ"):
        return adjective
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
        return _dated(units, i + 1, shown(value))
    if i + 1 >= len(units) or units[i + 1].kind not in ("n", "title", "a", "nation"):
        return number.text or (COUNTS[int(value)] if 2 < value <= 10 else "اثنان"), i + 1
    parts = _parts(units, i + 1)
    if not parts.nouns:
        return number.text or COUNTS[int(value)] or "اثنان", i + 1
    single = singular_of(parts.nouns[-1].text)
    feminine = is_feminine(single, False)
    few = 2 < value <= 10
    accusative = (
        value % 100 >= 11
        and not re.search(r"[^\d,.]", number.text)
        and not re.search(r"(?:ة|اء|ى|ا)$|\s", single)
    )
    head = replace(
        parts.nouns[-1], text=parts.nouns[-1].text if few else single + "ا" * accusative, plural=few
    )
    at = parts.end - 1
    if value == 2:
        head = replace(head, text=dual(single))
        text, j = _noun_phrase([*units[:at], head, *units[at + 1 :]], i + 1, count=value)
        return text, j
    counter = number.text or (COUNTS_FEMININE if feminine else COUNTS)[int(value)]
    text, j = _noun_phrase([*units[:at], head, *units[at + 1 :]], i + 1, count=value)
    return f"{counter} {text}", j


def dual(noun: str) -> str:
    first, _, rest = noun.partition(" ")
    words = [first, *rest.split()]
    for at, word in enumerate(words):
        if at == 0 or _ADJECTIVE.search(word):
            words[at] = word[:-1] + "تان" if word.endswith("ة") else word + "ان"
    return " ".join(words)
