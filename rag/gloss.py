"""A text's words in English, one by one, each with its place: for a reader that knows English better than Arabic.

No translation, and shown only as what it is: the order is the Arabic one, but for adjectives, which come before their
noun, and a word has the meaning that the question asks for, or else its likeliest. Words that the question holds are
written as there, so that the reader sees them agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from rag.clean import fold, fold_map, language_of, unmarked
from rag.gloss_words import ADJECTIVES, NOUNS, PHRASES, PLAIN
from rag.lexical import forms, is_stop, terms, unclitic
from rag.lexicon import name_keys
from rag.types import Span

if TYPE_CHECKING:
    from rag.lexicon import Lexicon

GLOSS = 4  # changes with what a text is put into, since passages are embedded so
FIXED = 4  # words of one of ``PHRASES``
DESCRIBED = 3  # adjectives of a noun
_VOWELS = "".join(map(chr, [*range(0x64B, 0x660), 0x670]))
# No marks of direction, which say nothing.
_TOKEN = re.compile(r"[\w\u064b-\u065f\u0670]+|[^\w\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ARABIC = re.compile(r"[\u0620-\u064a\u0671-\u06d3]")
_MARKS = {"،": ",", "؟": "?", "؛": ";", "«": '"', "»": '"', "“": '"', "”": '"'}


def _pairs(lines: str) -> Iterator[list[str]]:
    return (pair.split("=") for pair in lines.strip().replace("\n", "|").split("|"))


_PLAIN = {arabic: english for words, english in _pairs(PLAIN) for arabic in words.split()}
_PHRASES = dict(_pairs(PHRASES))
_OPENINGS = frozenset(phrase.split()[0] for phrase in _PHRASES)
_ADJECTIVES = frozenset(ADJECTIVES.split())
_NOUNS = frozenset(NOUNS.split())
_ADJECTIVE = re.compile(r"(?:[a-z]al|ous|ive|[a-z]ic|able|ible|ful|less|ian|ean|ese|[a-z]ish|ary|ular|ern)$")
# How a question begins, folded, and what it asks for.
_OF_WHAT = (
    "اسم سبب اسباب معني دور موقف رد مصير تاريخ هدف اهداف نوع لون حجم طول مساحه عنوان لقب مهنه وظيفه عاصمه لغه جنسيه"
    " ديانه سعر قيمه تكلفه مده اهم ابرز اكبر اصغر اعلي اول اخر تعريف شروط مطالب نتيجه نتايج اعراض مقدار نسبه"
).replace(" ", "|")
_ASKED = tuple(
    (re.compile(rf"\W*(?:{opening})"), asked)
    for opening, asked in (
        (r"من (?:هو|هي)\b", "who is"),
        (r"من هم\b", "who are"),
        (r"من اي[هت]?\b", "from which"),
        (r"من اين\b", "from where"),
        (r"(?:من ماذا|مم)\b", "of what"),
        (r"(?:من قبل|علي يد|من طرف|بواسطه) من\b", "by whom"),
        (r"من(?: (?:الذي|التي|الذين)\b|(?= ))", "who"),
        (r"ما (?:هو|هي) عدد\b|ما عدد\b", "how many"),
        (r"(?:ما )?مدي\b", "how much"),
        (rf"ما(?: (?:هو|هي)\b|(?= (?:{_OF_WHAT})\b)|(?= ال)(?! (?:الذي|التي)\b))", "what is"),
        (r"(?:ما|ماذا)(?: (?:الذي|التي))?\b", "what"),
        (r"كم (?:يبلغ |تبلغ |كان |كانت |بلغ |بلغت )?(?:من العمر|عمر)\b", "how old is"),
        (r"كم (?:مره|مرات)\b", "how many times"),
        (r"كم(?: (?:من )?(?:الوقت|الزمن)\b|(?= (?:ا|ي|ت)ستغرق))", "how long"),
        (r"كم (?:يبعد|تبعد)\b", "how far is"),
        (r"كم نسبه\b", "what percentage"),
        (r"كم (?:يبلغ|تبلغ|كان|كانت|بلغ|بلغت)\b(?! عدد\b)", "how much is"),
        (r"كم\b(?: (?:يبلغ|تبلغ|كان|بلغ) )?(?: ?(?:عدد|من))?\b", "how many"),
        (r"(?:في |ب)اي[هت]?\b", "in which"),
        (r"(?:الي |ل)اي[هت]?\b", "to which"),
        (r"علي اي[هت]?\b", "on which"),
        (r"عن اي[هت]?\b", "about which"),
        (r"مع اي[هت]?\b", "with which"),
        (r"ضد اي[هت]?\b", "against which"),
        (r"(?:اي[هت]?|ايهم|ايهما|ايهن)\b", "which"),
        (r"(?:ل|الي )من\b", "to whom"),
        (r"مع من\b", "with whom"),
        (r"ضد من\b", "against whom"),
        (r"(?:عن من|عمن)\b", "about whom"),
        (r"ممن\b", "from whom"),
        (r"(?:الام|الي ماذا)\b", "to what"),
        (r"(?:علام|علي ماذا)\b", "on what"),
        (r"(?:فيم|في ماذا)\b", "in what"),
        (r"(?:بماذا|بم)\b", "with what"),
        (r"(?:عن ماذا|عم)\b", "about what"),
        (r"(?:الي|حتي) متي\b", "until when"),
        (r"(?:اذكر|اذكري|سم|سمي)\b", "name"),
    )
)
_COUNTING = frozenset("عده بضعه بضع خلال منذ كل قبل بعد كم طيله مدي بعض".split())
_NUMBERS = frozenset("three four five six seven eight nine ten hundred".split())
_Known = tuple[tuple[str, tuple[str, ...]], ...]
_JOINED = re.compile(r"([وفبلك]|ال|وال)(\d.*)")
_PAST = re.compile(
    r"(?:ed|spoke|became|led|got|came|went|took|met|held|wrote|set|lost|left|saw|began|gave|did)$"
)
_LEADS = {"و": "and", "ف": "so", "ب": "in", "ل": "for", "ك": "as"}


@dataclass(frozen=True, slots=True)
class Gloss:
    """A text put into English.

    Attributes:
        places: For each of its words where it is in ``text``, and where in the source what it stands for.
        turned: The first and the one after the last of places whose words stand the other way round in the source.
    """

    text: str
    places: tuple[tuple[Span, Span], ...]
    turned: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word or phrase in English, with the particles and article before it.

    Attributes:
        kind: What it is in a noun phrase: ``noun``, ``adjective``, or ``""`` for what is in none.
    """

    lead: str
    english: str
    source: Span
    kind: str


class Glossary:
    """Puts Arabic into English, in the words of one English question where they fit."""

    def __init__(self, question: str, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._stems: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for word in re.findall(r"[\w'’-]+", question):
            if is_stop(fold(word)):
                continue
            for stem in terms(word):
                self._stems.setdefault(stem, word)
            for key in name_keys(word):
                self._names.setdefault(key, word)

    def gloss(self, text: str) -> Gloss:
        """``text`` word by word."""
        found = list(_TOKEN.finditer(text))
        words = [unmarked(match[0]) or match[0] for match in found]
        units: list[_Unit] = []
        at = 0
        while at < len(words):
            length, lead, english = self._next(words, at)
            source = Span(found[at].start(), found[at + length - 1].end())
            kind = _kind(words[at], lead, english) if length == 1 else "noun" if _defined(lead) else ""
            units.append(_Unit(lead, english, source, kind))
            at += length
        return _written(units)

    def _next(self, words: Sequence[str], at: int) -> tuple[int, str, str]:
        """How many words are put into English together, what is written before them, and they themselves."""
        word = words[at]
        if _famous(words, at):
            return 1, "", "most famous"
        fixed = _fixed(words[at : at + FIXED])
        lead = _led(self._lexicon, word)
        if lead is None:
            return fixed or (1, "", _plain(word))
        for length in range(
            min(_longest(self._lexicon, word), len(words) - at), fixed[0] if fixed else 1, -1
        ):
            run = tuple(words[at : at + length])
            last = _lead(run[-1])
            if last is None or not all(map(_ARABIC.search, run)):
                continue
            if known := _known(self._lexicon, run):
                article = "the " if _defined(last) and not _defined(lead) else ""
                return length, lead + article, self._asked(known) or known[0][0]
        if fixed:
            return fixed
        known = _known(self._lexicon, (word,))
        asked = self._asked(known) if known else None
        if asked is None:
            asked = next((self._names[key] for key in name_keys(word) if key in self._names), None)
            if asked is not None:
                return 1, "", asked
        return (1, lead, asked or known[0][0]) if known else (1, "", word)

    def _asked(self, known: _Known) -> str | None:
        """The likeliest of the translations that the question holds."""
        for _, stems in known:
            if stems and all(stem in self._stems for stem in stems):
                return " ".join(self._stems[stem] for stem in stems)
        return None


def _famous(words: Sequence[str], at: int) -> bool:
    """Whether أشهر, which mostly counts months, does not: before a noun and after no number."""
    if fold(words[at]) != "اشهر" or at + 1 == len(words) or _lead(words[at + 1]) is None:
        return False
    before = fold(words[at - 1]) if at else ""
    return not (before.isdigit() or before in _COUNTING or _PLAIN.get(before) in _NUMBERS)


def _fixed(words: Sequence[str]) -> tuple[int, str, str] | None:
    """The longest of ``PHRASES`` that the words begin with, as ``Glossary._next`` tells it."""
    first = fold(words[0])
    if first not in _OPENINGS and not (first[:1] in _LEADS and first[1:] in _OPENINGS):
        return None
    folded = [first, *map(fold, words[1:])]
    for length in range(len(folded), 1, -1):
        phrase, lead = " ".join(folded[:length]), ""
        if phrase not in _PHRASES and phrase[0] in "وف":
            phrase, lead = phrase[1:], f"{_LEADS[phrase[0]]} "
        if phrase in _PHRASES:
            english = _PHRASES[phrase].removeprefix("the ")
            return length, lead + "the " * (english != _PHRASES[phrase]), english
    return None


def _defined(lead: str) -> bool:
    return lead.endswith("the ")


def _kind(word: str, lead: str, english: str) -> str:
    """The ``_Unit.kind`` of a single word."""
    if _lead(word) is None:
        return ""
    last = english.split()[-1]
    defined = _defined(lead)
    ending = bool(_ADJECTIVE.search(last)) and last not in _NOUNS
    if last in _ADJECTIVES or ending or (defined and last.endswith("ed") and last.islower()):
        return "adjective"
    folded = fold(word)
    present = folded[0] == "ي" or (folded[0] in "تس" and last.endswith("s"))
    return "" if not defined and (present or _PAST.search(english)) else "noun"


def _written(units: Sequence[_Unit]) -> Gloss:
    """The units in English order: a noun's adjectives, which follow it in Arabic, before it."""
    told: list[str] = []
    places: list[tuple[Span, Span]] = []
    turned = []
    at = written = 0
    while at < len(units):
        head, end = units[at], at + 1
        if head.kind == "noun":
            described = ("adjective", "the " if _defined(head.lead) else "")
            last = min(len(units), end + DESCRIBED)
            while end < last and (units[end].kind, units[end].lead) == described:
                end += 1
        if end - at > 1:
            turned.append((at, end))
        lead = head.lead
        for unit in reversed(units[at:end]):
            told.append(lead + unit.english)
            places.append((Span(written, written + len(told[-1])), unit.source))
            written += len(told[-1]) + 1
            lead = ""
        at = end
    return Gloss(" ".join(told), tuple(places), tuple(turned))


def glossary_of(question: str, lexicon: Lexicon) -> tuple[str, Glossary]:
    """A question of either language in English, and what puts Arabic passages into its words."""
    english = asked_in_english(question, lexicon)
    return english, Glossary(english, lexicon)


def asked_in_english(question: str, lexicon: Lexicon) -> str:
    """A question of either language in English."""
    return in_english(question, lexicon) if language_of(question) == "ar" else question


def in_english(question: str, lexicon: Lexicon, passage: str = "") -> str:
    """An Arabic question word by word, in words of an English passage where they fit, with what it asks for in front."""
    glossary = Glossary(passage, lexicon)
    folded, places = fold_map(question)
    for opening, asked in _ASKED:
        if match := opening.match(folded):
            asked_of = question[places[match.end() - 1] + 1 :].lstrip(_VOWELS)  # of the opening's last letter
            rest = glossary.gloss(asked_of).text
            return f"{asked} {rest.removeprefix('the ') if asked.endswith(('many', 'which')) else rest}"
    return glossary.gloss(question).text


@lru_cache(maxsize=1_000)  # a conversation is drawn again after each answer
def word_by_word(text: str, question: str, lexicon: Lexicon) -> str:
    """An Arabic text as one who asked in English may glance at it; ``""`` for texts and questions of other languages.

    Written by dictionary, wrong where a word has several meanings: to be shown as that, beside the text.
    """
    if language_of(text) != "ar" or language_of(question) != "en":
        return ""
    told = Glossary(question, lexicon).gloss(text).text
    told = re.sub(r"(?<=[(\[]) | (?=[.,;:?!)\]%…])", "", told)
    return re.sub(r'"([^"]*)"', lambda match: f"“{match[1].strip()}”", told)


def reworded(question: str, passage: str) -> str:
    """A question with those of its words that the passage holds in another form written as there."""
    there: dict[str, str] = {}
    for word in re.findall(r"\w+", passage):
        for stem in terms(word):
            there.setdefault(stem, word)

    def written(match: re.Match[str]) -> str:
        stems = terms(match[0])
        return there.get(stems[0], match[0]) if len(stems) == 1 else match[0]

    return re.sub(r"\w+", written, question)


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    """What is no Arabic, or says nothing by itself, as it is written in English."""
    folded = fold(word)
    if folded in _PLAIN:
        return _PLAIN[folded]
    if match := _JOINED.fullmatch(folded):
        return f"{_plain(match[1])} {match[2]}"
    if folded[:1] in _LEADS and folded[1:] in _PLAIN:
        return f"{_LEADS[folded[0]]} {_PLAIN[folded[1:]]}"
    return _MARKS.get(word, word)


@lru_cache(maxsize=50_000)
def _lead(word: str) -> str | None:
    """In English the particles and the article that are written onto a word; None for one of ``_plain``."""
    folded = fold(word)
    plain = folded in _PLAIN or (folded[:1] in _LEADS and folded[1:] in _PLAIN)
    if plain or _JOINED.fullmatch(folded) or not _ARABIC.search(folded):
        return None
    lead = folded.removesuffix(unclitic(folded))
    said = [_LEADS[one] for one in lead.replace("ال", "").replace("لل", "ل") if one in _LEADS]
    if lead.endswith(("ال", "لل")):
        said.append("the")
    return "".join(f"{one} " for one in said)


@lru_cache(maxsize=100_000)
def _led(lexicon: Lexicon, word: str) -> str | None:
    """``_lead``, but none where what looks like a particle is the word's own: وكلاء, بالغين, التصاق."""
    lead = _lead(word)
    return "" if lead and lexicon.meaning(fold(word)) else lead


@lru_cache(maxsize=100_000)
def _longest(lexicon: Lexicon, word: str) -> int:
    return lexicon.longest(word)


@lru_cache(maxsize=100_000)
def _known(lexicon: Lexicon, words: tuple[str, ...]) -> _Known:
    """The translations of a word or phrase with their stems, the likeliest first."""
    known: list[str] = []
    if len(words) > 1:
        known = [english for english, _ in lexicon.of_words(words, "en")]
    else:
        word = fold(words[0])
        bare = unclitic(word)
        # Behind an article no verb, but a participle, of which most begin with م.
        noun = word.removesuffix(bare).endswith(("ال", "لل")) and bare[0] != "م"
        for written in _otherwise(word):
            meant = filter(None, (lexicon.meaning(form) for form in (written, *forms(written)[:2])))
            known = [one for one in islice(meant, 1) if not (noun and _PAST.search(one))]
            known += [english for english, _ in lexicon.of_words([written], "en")]
            if known:
                break
    return tuple((english, tuple(terms(english))) for english in known)


def _otherwise(word: str) -> Iterator[str]:
    """A folded word, and what it may be written from: without a particle, a present verb as its past."""
    yield word
    if len(word) > 3 and word[0] in "وفبلكس":
        yield word[1:]
    verb = word[1:] if word[0] in "وفس" else word
    if len(verb) > 3 - (word[0] == "س") and verb[0] in "يت":
        yield verb[1:]
        yield "ا" + verb[1:]
    for ending in ("ت", "وا"):
        if len(verb) > 3 and verb.endswith(ending):
            yield verb.removesuffix(ending)
