"""How well a span suits what a question asks for: factors of its odds, set by hand.

The reader learned from encyclopaedias, where one passage seldom names three ministers. News do, so the
words next to a name, the kind of thing that is asked for, and the year decide here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rag.clean import fold
from rag.compose import widen
from rag.counted import alike, counted_there, noun_in
from rag.lexical import forms
from rag.numbers import PER_CENT
from rag.types import Span

# Where several states are asked for: factors for a span that names none, one, or more.
NAMED_STATES = (0.4, 0.6, 2.0)
# "Who are …?": a span that joins several names.
SEVERAL = 2.5
# A span of another kind than the one asked for (a number, a date, a name).
OTHER_KIND = 0.3
# "Who is the minister of defence?": from none to all of the office beside the name.
NO_OFFICE, WHOLE_OFFICE = 0.25, 3.0
# Words of the question alone, or "the Russian", answer no "who"; nor does another state's minister.
ECHO = 0.2
OTHER_STATE = 0.3
# Beside the name stands another ministry than the one asked for.
OTHER_MINISTRY = 0.2
# A ministry or a government holds no office.
BODY = 0.2
# The year asked about is nowhere, and the article is of another one.
OTHER_YEAR = 0.3
# "How many hospitals?": the thing counted is not beside the number.
OTHER_THING = 0.3
# Another thing is counted there: "nine mosques".
ANOTHER_THING = 0.2
# "How long is the bridge?": the number has no unit of length. "How many mediators?": it is a per cent.
OTHER_UNIT = 0.3
BESIDE = 7  # words on each side that may name an office
CLOSE = 45  # characters on each side in which a counted thing is looked for

_STATES = re.compile(
    r"^\W*(?:(?:which|what)(?: \w+){0,2} (?:countries|states|nations)|"
    r"(?:من|ما) (?:هي|هم) (?:ال)?(?:دول|بلدان)|اي (?:ال)?(?:دول|بلدان))\b"
)
_PLURAL = re.compile(r"^\W*(?:who (?:are|were)|(?:من|ما) هم)\b")
_JOINED = re.compile(r"\w,? and \w|\w، ?\w|\w و\w{2}")
_OFFICE = re.compile(
    r"^\W*(?:who (?:is|was)|what (?:is|was) the name of|"
    r"من (?:هو|كان|كانت|هي(?= \w+ه\b))|ما (?:هو )?اسم)\b(?! (?:the )?(?:first|last|who|اول|اخر|من|الذي|التي)\b)"
)
_COUNTED = re.compile(r"^\W*(?:how many|كم(?: عدد)?)\s+(\w+)")
_LENGTH = r"\b(?:(?:kilo|centi|milli)?met(?:er|re)s?|km|cm|miles?|feet|foot|yards?|inch(?:es)?|m|مترا?|امتار|كيلومترا?|كلم|كم|سم|ميلا?|اميال|اقدام|قدما?)\b"
_DURATION = (
    r"\b(?:second|minute|hour|day|night|week|month|year|decade|centur(?:y|ie))s?\b|"
    r"\b(?:ثانيه|ثوان|دقيقه|دقايق|ساعه|ساعات|ساعتي?ن|ساعتان|يوما?|ايام|يومين|يومان|ليله|اسبوعا?|اسابيع|اسبوعين|اسبوعان|شهرا?|اشهر|شهور|شهرين|شهران|"
    r"سنه|سنوات|سنين|سنتين|سنتان|عاما?|اعوام|عامين|عامان|عقود|عقدين|قرون)\b"
)
_PER_CENT = re.compile(PER_CENT + r"|\bpercentage\b")
_SHARE = _PER_CENT.pattern + r"|\b(?:half|third|quarter)s?\b|\b(?:نصف|ثلث|ثلثي|ثلثا|ربع)\b"
# What a question asks to be measured, folded, and the units of an answer.
_UNITS = tuple(
    (re.compile(asked), re.compile(units))
    for asked, units in (
        (
            r"^\W*how (?:tall|high|deep|wide|far)\b|^\W*how long (?:is|was|are|were) the (?:\w+ ){0,2}(?:bridge|road|river|"
            r"border|wall|tunnel|street|coast|pipeline|fence|canal|railway|line|convoy)\b|"
            r"^\W*(?:كم (?:يبلغ |بلغ |كان )?|ما )(?:طول|ارتفاع|عمق|عرض|مسافه)\b",
            _LENGTH,
        ),
        (
            r"^\W*(?:for )?how long (?:did|does|do|has|have|had|will|would)\b|^\W*(?:كم (?:من الوقت )?(?:استمر\w*|دام\w*|استغرق\w*|يستغرق|تستغرق)|"
            r"(?:ما|كم) (?:هي )?مده)\b",
            _DURATION,
        ),
        (
            r"^\W*what (?:percentage|per cent|percent|proportion|share)\b|^\W*(?:ما|كم) (?:هي )?(?:ال)?نسبه\b",
            _SHARE,
        ),
    )
)
_NO_THING = frozenset(
    "people persons شخصا شخص كان كانت بلغ بلغت يبلغ تبلغ مره are were is was per percent نسبه مساحه طول ارتفاع عمق عرض مسافه مده "
    "سعر ثمن كلفه تكلفه عمر وزن".split()
)
# One ministry a line, folded and without articles.
_MINISTRIES = tuple(
    frozenset(line.split())
    for line in """foreign خارجيه
defence defense دفاع
interior داخليه
finance ماليه
justice عدل
health صحه
education تعليم تربيه
economy اقتصاد
oil petroleum نفط
labour labor عمل
culture ثقافه
information اعلام
agriculture زراعه
transport transportation نقل
energy طاقه
tourism سياحه
trade تجاره
industry صناعه""".splitlines()
)
_BODY = re.compile(
    r"^\W*(?:the )?(?:\w+ )?(?:ministry|presidency|government|embassy)\b|^\W*(?:ال)?(?:وزاره|رياسه|حكومه|سفاره)\b"
)
_UNIT_AFTER = re.compile(r"(?<=\w)[ \u00a0-]?([^\W\d_]+)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ENDS = re.compile(r"[.;؛:!?؟()«»“”]| و(?=و)| and |\n")


@dataclass(frozen=True, slots=True)
class Context:
    """A span with its surroundings.

    Attributes:
        before, after: Of its sentence.
        passage: Its passage with the article's title.
        date: The article's, if it has one.
    """

    text: str
    before: str
    after: str
    passage: str
    date: str | None


Covered = Callable[[str], float]


class Suits:
    """What a question asks for, as far as its first words and its years tell."""

    def __init__(self, question: str) -> None:
        folded = fold(question)
        self._states = bool(_STATES.match(folded))
        self._office = not self._states and bool(_OFFICE.match(folded))
        self._plural = not self._states and bool(_PLURAL.match(folded))
        self._of = _states_in(question)
        self._ministries = _ministries_in(question) if self._office else frozenset()
        counted = _COUNTED.match(folded)
        self._thing = counted[1] if counted and counted[1] not in _NO_THING else ""
        self._noun = noun_in(folded[counted.start(1) :], 2) if counted and self._thing else None
        self._units = next((units for asked, units in _UNITS if asked.search(folded)), None)
        self._years = frozenset(_YEAR.findall(folded))

    def factor(
        self, around: Context, covered: Covered, kind: float, echoed: Covered, thing: Covered
    ) -> float:
        """Of the span's odds.

        Args:
            covered: The share of the question's words in a text, rare words counting more.
            kind: 1 where the span is of the kind asked for, -1 where not, else between.
            echoed: The share of a text's words that the question holds.
            thing: How surely the first word asked for is in a text.
        """
        factor = self._named_states(around.text) * self._year(around)
        if kind < 0:
            factor *= OTHER_KIND
        elif self._plural and _JOINED.search(_with_its_list(around)):
            factor *= SEVERAL
        if self._office:
            before, after = f"{_last(around.before)} {around.text}", f"{around.text} {_first(around.after)}"
            states = _states_in(before + after)
            if self._of and states and not states & self._of:
                factor *= OTHER_STATE
            if _BODY.match(fold(around.text)):
                factor *= BODY
            if self._ministries:
                told = _ministries_in(before) or _ministries_in(after)
                if told and not told & self._ministries:
                    factor *= OTHER_MINISTRY
            beside = max(covered(before), covered(after))
            factor *= NO_OFFICE * (WHOLE_OFFICE / NO_OFFICE) ** beside
            if _is_adjective(around.text) or echoed(_without_states(around.text)) == 1:
                factor *= ECHO
        if self._thing and thing(f"{around.before[-CLOSE:]} {around.text} {around.after[:CLOSE]}") < 0.5:
            factor *= OTHER_THING
            noun = counted_there(around.text, around.after) if self._noun else None
            if self._noun and noun and not alike(self._noun, noun):
                factor *= ANOTHER_THING
        if self._units and not self._units.search(_with_its_unit(around)):
            factor *= OTHER_UNIT
        if self._thing and _PER_CENT.search(_with_its_unit(around)):
            factor *= OTHER_UNIT
        return factor

    def measured(self, text: str, mark: Span, limit: Span) -> Span:
        """A span of ``text`` with the unit after it, where a measure is asked for: "640" of "640 metres long"."""
        if self._units is None or self._units.search(fold(text[mark.start : mark.end])):
            return mark
        after = _UNIT_AFTER.match(text, mark.end, limit.end)
        return Span(mark.start, after.end()) if after and self._units.search(fold(after[1])) else mark

    def _named_states(self, text: str) -> float:
        if not self._states:
            return 1.0
        return NAMED_STATES[min(len(_states_in(text)), 2)]

    def _year(self, around: Context) -> float:
        if not self._years or around.date is None or around.date[:4] in self._years:
            return 1.0
        return 1.0 if self._years & set(_YEAR.findall(fold(around.passage))) else OTHER_YEAR


def _with_its_unit(around: Context) -> str:
    """The span, folded, with the two words after it at most, before another number begins."""
    return fold(f"{around.text} {' '.join(re.split(r'[0-9]', around.after)[0].split()[:2])}")


def _with_its_list(around: Context) -> str:
    """The span with the other members of its list."""
    sentence = around.before + around.text + around.after
    start = len(around.before)
    whole = widen(sentence, Span(start, start + len(around.text)), Span(0, len(sentence)))
    return sentence[whole.start : whole.end]


def _states_in(text: str) -> frozenset[frozenset[str]]:
    """The states that a text names, or whose adjective it holds, each by its names."""
    from rag.places import place_of

    found = (place_of(word) for word in re.findall(r"\w+", text))
    return frozenset(place.names for place in found if place and not place.city)


def _ministries_in(text: str) -> frozenset[int]:
    """The ministries whose field a text names, by their numbers."""
    words = {form for word in re.findall(r"\w+", fold(text)) for form in (word, *forms(word)[:1])}
    return frozenset(number for number, names in enumerate(_MINISTRIES) if names & words)


def _is_adjective(text: str) -> bool:
    """Whether a text says whose something is, and nothing more: "the Russian"."""
    from rag.places import names_place, place_of

    words = [word for word in re.findall(r"\w+", text) if word.lower() != "the"]
    return bool(words) and all(place_of(word) and not names_place(word) for word in words)


def _without_states(text: str) -> str:
    from rag.places import place_of

    return " ".join(word for word in re.findall(r"\w+", text) if not place_of(word))


def _last(text: str) -> str:
    """The words just before a span, back to the end of another clause."""
    return " ".join(_ENDS.split(text)[-1].split()[-BESIDE:])


def _first(text: str) -> str:
    """The words just after a span, up to the end of its clause."""
    return " ".join(_ENDS.split(text)[0].split()[:BESIDE])
