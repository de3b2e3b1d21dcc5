"""A text's words in English, one by one, each with its place: for a reader that knows English better than Arabic.

No translation to be shown: the order is the Arabic one, and a word has the meaning that the question asks for, or else
its likeliest. Words that the question holds are written as there, so that the reader sees them agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.clean import fold, fold_map, unmarked
from rag.lexical import is_stop, terms, unclitic
from rag.lexicon import name_keys
from rag.types import Span

if TYPE_CHECKING:
    from rag.lexicon import Lexicon

LONGEST = 3  # words of a phrase
_TOKEN = re.compile(r"[\w\u064b-\u065f\u0670]+|[^\w\s]")
_ARABIC = re.compile(r"[\u0620-\u064a\u0671-\u06d3]")
_MARKS = {"،": ",", "؟": "?", "؛": ";", "«": '"', "»": '"', "“": '"', "”": '"'}
# Words that say nothing by themselves, which no lexicon holds; folded.
_PLAIN = {
    arabic: english
    for line in """
في فى=in|الي=to|من=from|علي=on|عن=about|مع=with|بين=between|بعد=after|قبل=before|خلال=during|منذ=since|حتي=until
التي الذي الذين اللتين اللذين اللاتي=which|ان انه انها انهم بان بانه بانها=that|كان كانت كانوا=was|يكون تكون=is|قد لقد=has|لم لن لا=not|ليس ليست=is not
هذا هذه هذان=this|ذلك تلك=that|هولاء=these|هو هي=is|هم=they|هما=both|نحن=we|انا=I|كما=as|حيث=where|عندما حين حينما لما=when|او ام=or|ثم=then
لكن لكنه لكنها بل=but|اذا لو=if|لان=because|كي لكي=in order to|كل جميع=all|بعض=some|اي ايه=any|غير=not|عند لدي=at|نحو=about|عبر=through|ضد=against
حول=around|تحت=under|فوق=above|دون بدون=without|تم يتم تمت جري جرت=was|ايضا=also|فقط=only|جدا=very|مثل=like|ذات ذو ذي=with|نفس=same|اما=as for|الا=except
هنا=here|هناك=there|له لها لهم=of it|به بها بهم=by it|فيه فيها=in it|منه منها منهم=of them|عليه عليها=on it|اليه اليها=to it|عنه عنها=about it|معه معها=with it
قال قالت=said|يقول تقول=says|وفق وفقا بحسب حسب=according to|ما=what|لماذا=why|كيف=how|متي=when|اين=where|كم=how many|هل=did|ماذا=what|مما عما=of what
فيما=while|اذ=as|يوجد توجد=there is|حدث يحدث=happened|كلا كلتا=both|سوف=will|سوي=only|كذلك هكذا=so|لذلك لذا=therefore|الف الاف=thousand|مليون ملايين=million|مليار مليارات=billion|مءه مايه ميه مءات=hundred|و=and|ب=in|ل=for|ف=so|ك=as|ال=the|واحد واحده=one|اثنين اثنان اثنتين اثنتان اثنا=two|ثلاث ثلاثه=three|اربع اربعه=four|خمس خمسه=five
ست سته=six|سبع سبعه=seven|ثماني ثمانيه ثمان=eight|تسع تسعه=nine|عشر عشره=ten|عشرين عشرون=twenty|ثلاثين ثلاثون=thirty|اربعين اربعون=forty|خمسين خمسون=fifty|عام سنه=year|يوم=day|اليوم=today
""".strip()
    .replace("\n", "|")
    .split("|")
    for words, _, english in (line.partition("="),)
    for arabic in words.split()
}
# How a question begins, folded, and what it asks for.
_ASKED = (
    (re.compile(r"\W*من (?:هو|هي|هم|الذي|التي|الذين)\b|\W*من(?= )"), "who"),
    (re.compile(r"\W*(?:ما|ماذا)(?: (?:هو|هي|هم|الذي|التي))?\b"), "what"),
    (re.compile(r"\W*كم\b(?: (?:عدد|من))?\b"), "how many"),
    (re.compile(r"\W*اي[هت]?\b"), "which"),
)
_Known = tuple[tuple[str, tuple[str, ...]], ...]
_LEADS = {"و": "and", "ف": "so", "ب": "in", "ل": "for", "ك": "as"}


@dataclass(frozen=True, slots=True)
class Gloss:
    """A text put into English.

    Attributes:
        places: For each of its words where it is in ``text``, and where in the source what it stands for.
    """

    text: str
    places: tuple[tuple[Span, Span], ...]


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
        words = [unmarked(match[0]) for match in found]
        told, places = [], []
        at = written = 0
        while at < len(words):
            length, english = self._next(words, at)
            source = Span(found[at].start(), found[at + length - 1].end())
            places.append((Span(written, written + len(english)), source))
            told.append(english)
            written += len(english) + 1
            at += length
        return Gloss(" ".join(told), tuple(places))

    def _next(self, words: Sequence[str], at: int) -> tuple[int, str]:
        """How many words are put into English together, and how."""
        word = words[at]
        lead = _lead(word)
        if lead is None:
            return 1, _plain(word)
        for length in range(min(LONGEST, len(words) - at), 1, -1):
            run = tuple(words[at : at + length])
            if _lead(run[-1]) is not None and (known := _known(self._lexicon, run)):
                return length, lead + (self._asked(known) or known[0][0])
        known = _known(self._lexicon, (word,))
        asked = self._asked(known) if known else None
        if asked is None:
            asked = next((self._names[key] for key in name_keys(word) if key in self._names), None)
            if asked is not None:
                return 1, asked
        return 1, lead + (asked or known[0][0]) if known else word

    def _asked(self, known: _Known) -> str | None:
        """The likeliest of the translations that the question holds."""
        for _, stems in known:
            if stems and all(stem in self._stems for stem in stems):
                return " ".join(self._stems[stem] for stem in stems)
        return None


def in_english(question: str, lexicon: Lexicon, passage: str = "") -> str:
    """An Arabic question word by word, in words of an English passage where they fit, with what it asks for in front."""
    glossary = Glossary(passage, lexicon)
    folded, places = fold_map(question)
    for opening, asked in _ASKED:
        if match := opening.match(folded):
            return f"{asked} {glossary.gloss(question[places[match.end() - 1] + 1 :]).text}"
    return glossary.gloss(question).text


def reworded(question: str, passage: str) -> str:
    """A question with those of its words that the passage holds in another form written as there."""
    forms: dict[str, str] = {}
    for word in re.findall(r"\w+", passage):
        for stem in terms(word):
            forms.setdefault(stem, word)

    def written(match: re.Match[str]) -> str:
        stems = terms(match[0])
        return forms.get(stems[0], match[0]) if len(stems) == 1 else match[0]

    return re.sub(r"\w+", written, question)


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    """What is no Arabic, or says nothing by itself, as it is written in English."""
    folded = fold(word)
    if folded in _PLAIN:
        return _PLAIN[folded]
    if folded[:1] in _LEADS and folded[1:] in _PLAIN:
        return f"{_LEADS[folded[0]]} {_PLAIN[folded[1:]]}"
    return _MARKS.get(word, word)


@lru_cache(maxsize=50_000)
def _lead(word: str) -> str | None:
    """In English the particles and the article that are written onto a word; None for one of ``_plain``."""
    folded = fold(word)
    if not _ARABIC.search(word) or folded in _PLAIN or (folded[:1] in _LEADS and folded[1:] in _PLAIN):
        return None
    lead = folded.removesuffix(unclitic(folded))
    said = [_LEADS[one] for one in lead.replace("ال", "").replace("لل", "ل") if one in _LEADS]
    if lead.endswith(("ال", "لل")):
        said.append("the")
    return "".join(f"{one} " for one in said)


@lru_cache(maxsize=100_000)
def _known(lexicon: Lexicon, words: tuple[str, ...]) -> _Known:
    """The translations of a word or phrase with their stems; of a word also without a letter that may be a particle."""
    known = lexicon.of_words(words, "en")
    if not known and len(words) == 1 and len(words[0]) > 4 and words[0][0] in "وفبلكس":
        known = lexicon.of_words([words[0][1:]], "en")
    return tuple((english, tuple(terms(english))) for english, _ in known)
