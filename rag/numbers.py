"""Numbers in a text, in digits and in words of both languages: «62 ألف» is 62,000 is "sixty-two thousand".

Arabic word rules follow the grammar of counted nouns: tens after ones with waw (خمسة وعشرون),
hundreds written together (ثلاثمئة), duals that are one word (ألفين, شهرين).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rag.clean import fold, fold_map
from rag.number_words import NumberWord, number_words, unit_words
from rag.types import Span

Value = int | float


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a text states it.

    Attributes:
        value: Whole numbers are ``int``; decimals ``float``.
        span: Its words in the text, without a unit or per cent sign.
        whole: The same with its per cent sign, where it has one.
        percent: Whether it is a percentage.
        ordinal: Whether it counts a place in a row (third, الثالث).
        unit: ``year``, ``month``, ``week``, ``day``, ``hour``, ``minute`` or ``second`` where one
            follows (or is part of a dual, as in شهرين); else ``""``.
    """

    value: Value
    span: Span
    whole: Span
    percent: bool = False
    ordinal: bool = False
    unit: str = ""


# Written onto digits; "m" is one beside money and people only, else it is metres.
_SUFFIXES = {"k": 1000, "m": 10**6, "mn": 10**6, "bn": 10**9, "tn": 10**12}
_SCALE_WORDS = r"(?:thousand|[mbt]illions?|trillions?|الف|الاف|مليون|ملايين|مليار|مليارات|بليون|بلايين|تريليون|تريليونات)\b"
PER_CENT = r"(?:%|(?:percent|per cent|في الم[يا]?[يه]ه|بالم[يا]?[يه]ه)\b)"
_DIGITS = (
    rf"\d{{1,3}}[,،]\d{{1,2}}(?=\s?(?:{_SCALE_WORDS}|{PER_CENT}))"  # a decimal comma, as in «3,5 مليون»
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?: \d{3})* 000(?![\d.,])|\d{1,3}(?:\.\d{3})+(?![\d.])|\d+(?:\.\d+)?"
)
_TOKEN = re.compile(
    rf"(?<!\w)(?<![^\W\d_]-)(?P<clitic>[وفبلك]{{0,2}}(?:ال)?)(?P<sign>(?<![\w)\]-])[-−](?=\d))?(?P<digits>{_DIGITS})"
    r"(?P<suffix>(?:st|nd|rd|th|k|mn?|bn|tn)\b)?|(?P<word>[^\W\d_]+)"
)
_MONEY = frozenset("$€£¥")
_COUNTED_BY_M = re.compile(
    r"\s+(?:people|dollars?|euros?|pounds?|barrels|refugees|users|residents|inhabitants)\b"
)
_MOST_DIGITS = 18  # longer rows of digits are no amount of anything
_CLITICS = ("وبال", "وال", "بال", "فال", "كال", "ولل", "لل", "ال", "و", "ف", "ب", "ل", "ك")
_PERCENT = re.compile(rf"\s?{PER_CENT}")
_UNIT = re.compile(r"[\s/\-)\"']{1,3}([^\W\d_]+)")
# After a point, not a separator of thousands.
_SCALED = re.compile(rf"[\s-]?(?:{_SCALE_WORDS}|{PER_CENT})")
# The accusative of a scale, or before a noun the dual without its nun: مليونا لاجئ are two million.
_TWICE = frozenset("الفا مليونا مليارا".split())
_NOUN_NEXT = re.compile(
    r"\s+(?!و|(?:من|في|علي|الي|عن|او|ثم|لكن|هذا|هذه|كل|قبل|بعد|منذ|حتي|خلال)\b)[^\W\d_a-z]{2,}"
)
_GAP = re.compile(r"[\s-]{1,2}")
# Months and weekdays that hold a number's word.
_CALENDAR = frozenset("كانون تشرين ربيع جمادي".split())
_WEEKDAYS = frozenset("الاحد الاثنين".split())
_PLURAL_SCALES = frozenset("الاف ملايين مليارات تريليونات".split())


def unit_of(word: str) -> str:
    """The unit of time that a word of either language names, as in ``Number.unit``; else ``""``."""
    return unit_words().get(fold(word), "")


@dataclass(frozen=True, slots=True)
class _Token:
    """A number's word or digits in the folded text. ``joined``: written with waw, or after "and"."""

    kind: str
    value: Value
    start: int
    end: int
    joined: bool = False
    bare: bool = True
    unit: str = ""
    arabic: bool = False
    plural: bool = False
    twice: bool = False  # where nothing is before it


def number_value(digits: str) -> Value:
    """The value of ASCII digits with separators: ``1,200``, ``1.200`` (thousands), ``3.5``.

    Points before groups of three digits separate thousands, unless the whole part is 0.
    """
    if "," not in digits and re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", digits):
        digits = digits.replace(".", "")
    digits = digits.replace(",", "").replace(" ", "")
    return float(digits) if "." in digits else int(digits)


def _meaning(word: str) -> tuple[NumberWord | None, str]:
    """What ``word`` says as a number, and the clitics that had to be taken off."""
    known = number_words()
    for clitic in ("", *_CLITICS):
        rest = word[len(clitic) :]
        if word.startswith(clitic) and rest in known:
            found = known[rest]
            if clitic in ("ب", "ل", "ك", "ف") and found.kind == "one" and len(rest) < 3:
                continue
            return found, clitic
    return None, ""


def _tokens(text: str) -> Iterator[_Token | None]:
    """Tokens of the folded text; None for a word that is no number, and so ends one."""
    before = ""
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if word is None:
            yield _digits(match, text, before)
        else:
            found, clitic = _meaning(word)
            shared = clitic.endswith("بال") and found is not None and found.value in (100, 1000)
            weekday = word.removeprefix("و") in _WEEKDAYS
            if (
                found is None or before in _CALENDAR or weekday or shared
            ):  # «ثلاثة بالمئة» are no three hundred
                if word not in ("and", "a"):
                    yield None
                elif word == "a" and before == "and":
                    continue  # three and a half: as "three and half"
            else:
                start = match.start() + (len(clitic) if clitic in ("و", "ب", "ل", "ك", "ف") else 0)
                arabic = not word.isascii()
                joined = clitic.startswith("و") or before == "and"
                bare = word.removeprefix(clitic)
                plural = bare in _PLURAL_SCALES or (not arabic and before != "a")
                twice = bare in _TWICE and "ال" not in clitic and bool(_NOUN_NEXT.match(text, match.end()))
                yield _Token(
                    found.kind,
                    found.value,
                    start,
                    match.end(),
                    joined,
                    "ال" not in clitic,
                    found.unit,
                    arabic,
                    plural,
                    twice,
                )
        before = word or ""


def _digits(match: re.Match[str], text: str, before: str) -> _Token | None:
    """The token of a row of digits with its sign and suffix; None for one too long to be an amount."""
    digits, suffix = match["digits"], match["suffix"] or ""
    if sum(map(str.isdigit, digits)) > _MOST_DIGITS:
        return None
    end = match.end()
    money = text[match.start("digits") - 1 : match.start("digits")] in _MONEY
    if suffix == "m" and not (money or _COUNTED_BY_M.match(text, end)):
        suffix, end = "", match.end("digits")
    if re.fullmatch(r"\d{1,3}[,،]\d{1,2}", digits):
        digits = re.sub("[,،]", ".", digits)
    scaled = suffix in _SUFFIXES or _SCALED.match(text, end)
    value = (float if scaled and digits.count(".") == 1 else number_value)(digits)
    value = _whole(value * _SUFFIXES.get(suffix, 1))
    signed = match["sign"] is not None and not money
    start = match.start("sign") if signed else match.start("digits")
    joined = match["clitic"].startswith("و") or before == "and"
    kind = "ordinal" if suffix in ("st", "nd", "rd", "th") else "digits"
    return _Token(kind, -value if signed else value, start, end, joined, "ال" not in match["clitic"])


def _whole(value: Value) -> Value:
    return int(value) if value == int(value) else value


class _Sum:
    """A number that grows token by token: ``total`` of finished scales and a ``group`` below one."""

    def __init__(self) -> None:
        self.total: Value = 0
        self.group: Value = 0
        self.scale = 0  # the last scale; what follows must be smaller
        self.parts: list[_Token] = []
        self.ordinal = False

    def take(self, token: _Token) -> bool:
        """Add ``token`` if the grammar lets it go on; False where a new number begins."""
        grown = self._grown(token)
        if grown is None:
            return False
        self.total, self.group = grown
        if token.kind == "scale":
            self.scale = int(token.value)
        self.ordinal = self.ordinal or token.kind == "ordinal"
        self.parts.append(token)
        return True

    def _grown(self, token: _Token) -> tuple[Value, Value] | None:
        first, group, value = not self.parts, self.group, token.value
        last = self.parts[-1] if self.parts else token
        if last.kind == "part" and len(self.parts) > 1:  # the scale again: «مليون ونصف المليون»
            if token.kind == "scale" and not self.scale and not token.joined:
                return self.total + _whole(group * value), 0
            return (self.total, group) if token.kind == "scale" and token.value == self.scale else None
        if token.kind == "part" and not first and last.kind in ("one", "ten", "digits") and value == 2:
            return (self.total, group + 1 / value) if token.joined and not self.total else None
        if token.kind == "part" and not first:
            fits = last.kind == "scale" and token.joined and not group
            return (self.total + _whole(self.scale / value), 0) if fits else None
        linked = token.joined or not token.arabic
        if first:
            if token.kind == "part":
                return 0, 1 / value
            if token.kind == "scale":
                return None if token.plural else (2 * value if token.twice else value, 0)
            return None if token.kind == "hundred" and token.plural else (0, value)
        if last.kind == "dual" or token.kind == "dual":
            return None
        if token.kind == "scale":
            if group and not token.joined:
                return self.total + _whole(group * value), 0
            return (self.total + value, 0) if token.joined and not group and value < self.scale else None
        if self.ordinal and not (token.arabic and (value == 10 or token.kind == "ten")):
            return None
        if token.kind == "digits":
            return (self.total, value) if token.joined and not group and self.scale > value else None
        if last.kind == "digits":
            return None
        return self._below(token, linked)

    def _below(self, token: _Token, linked: bool) -> tuple[Value, Value] | None:
        """A word below a thousand after others."""
        group, value = self.group, token.value
        if token.kind == "hundred":
            if value == 100 and 0 < group < 20 and not token.joined:
                return self.total, group * 100
            return (self.total, value) if token.arabic and token.joined and not group else None
        if token.arabic and value == 10 and 0 < group < 10 and not token.joined:
            return self.total, group + 10
        if token.arabic and token.kind == "ten" and 0 < group % 100 < 10 and token.joined:
            return self.total, group + value
        room = group % 100 == 0 if value >= 10 else group % 10 == 0 and group % 100 != 10
        return (self.total, group + value) if room and linked and (group or self.scale) else None

    def number(self) -> Iterator[Number]:
        """The number, if there is one: half of nothing is none."""
        if self.parts and not (len(self.parts) == 1 and self.parts[0].kind == "part"):
            span = Span(self.parts[0].start, self.parts[-1].end)
            yield Number(self.total + self.group, span, span, ordinal=self.ordinal, unit=self.parts[-1].unit)


def _folded_numbers(text: str) -> Iterator[Number]:
    current = _Sum()
    for token in (*_tokens(text), None):
        if token is not None and current.parts:
            gap = text[current.parts[-1].end : token.start]
            if not _GAP.fullmatch(re.sub(r"\band\b|\bو$|\bوال$|و(?:ال)?$|\ba\b", "", gap).replace("  ", " ")):
                yield from current.number()
                current = _Sum()
        if token is None or not current.take(token):
            yield from current.number()
            current = _Sum()
            if token is not None:
                current.take(token)


def _finished(number: Number, text: str) -> Number:
    """With its per cent sign and unit, where they follow."""
    if percent := _PERCENT.match(text, number.span.end):
        return replace(number, whole=Span(number.span.start, percent.end()), percent=True)
    unit = _UNIT.match(text, number.span.end)
    if unit and not number.unit and not number.ordinal:
        return replace(number, unit=unit_words().get(unit[1], ""))
    return number


def numbers_in(text: str) -> list[Number]:
    """The numbers of ``text`` in order, not overlapping; spans are code points of ``text``.

    Codes such as F-16 hold none. "One" counts, also where it is a pronoun; weekdays (الاثنين) and
    months (كانون الثاني) do not.
    """
    folded, places = fold_map(text)
    out: list[Number] = []
    passed = 0  # the words of a per cent sign are no number
    for number in _folded_numbers(folded):
        if number.span.start < passed:
            continue
        number = _finished(number, folded)
        passed = number.whole.end
        span, whole = (Span(places[start], places[end - 1] + 1) for start, end in (number.span, number.whole))
        out.append(replace(number, span=span, whole=whole))
    return out


def numbers_at(text: str) -> dict[int, Number]:
    """The numbers of ``text`` by where they begin, after a sign."""
    return {n.span.start + (text[n.span.start] in "-−"): n for n in numbers_in(text)}


def range_from(number: Number, numbers: Mapping[int, Number], end: int) -> Number | None:
    """The last number of a range such as ``10-15`` that is written as far as ``end``; None where it is none.

    Args:
        numbers: As ``numbers_at`` gives them.
    """
    last = numbers.get(number.span.end + 1)
    return last if last and last.span.end == end and last.value > number.value else None


def shown(value: Value) -> str:
    """Digits with separators of thousands, and as many decimals as there are, three at most."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
