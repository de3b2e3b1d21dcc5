"""Questions made from Arabic news: a clause without its number, date or name, asked for by a question word.

Human questions on Arabic passages are few; these teach where such answers begin and end in news. The
clause loses some of its words, so that the sentence is not found by its look alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from train.codeswitch import CodeSwitch
from train.data import Example, read_jsonl, trim
from train.lexicon import rows

_MONTH = (
    "جانفي|فيفري|مارس|أفريل|ماي|جوان|جويلية|أوت|سبتمبر|أكتوبر|نوفمبر|ديسمبر|يناير|فبراير|أبريل|مايو|يونيو|يوليو|أغسطس|"
    "كانون الثاني|كانون الأول|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني"
)
_DAY = "الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد"
_WHEN = re.compile(
    rf"(?:(?:{_DAY}) )?\d{{1,2}} (?:{_MONTH})(?: \d{{4}})?|(?<=يوم )(?:{_DAY})|(?<=سنة )\d{{4}}|(?<=عام )\d{{4}}"
)
_COUNT = re.compile(r"(?<![\d/.,:])\d[\d.,]*(?: (?:مليون|مليار|ألف|آلاف|بالمائة))?(?![\d/:])")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?<=[.!?؟؛\n])\s+")
STATE = "state"
_SIDE = 9  # words of the clause kept on each side of the answer
_LOST = 0.3  # share of these that is dropped
ASKS = {
    "when": (("متى", "في أي يوم", "في أي تاريخ"), ("when", "on what date")),
    "count": (("كم", "كم عدد", "ما عدد"), ("how many", "how much")),
    "PERS": (("من", "من هو", "من الذي"), ("who", "who is")),
    "LOC": (("أين", "في أي مكان", "في أي مدينة أو بلد"), ("where", "in which place")),
    "ORG": (("ما هي الجهة التي", "أي منظمة", "أي جهة"), ("which organisation", "what body")),
    "LIST": (
        ("ما هي الدول التي", "من هي الدول", "أي دول", "من هم"),
        ("which countries", "what countries", "who are", "which states"),
    ),
}


class Cloze:
    """Draws cloze questions from the articles of AntCorpus."""

    def __init__(self, root: Path, switch: CodeSwitch) -> None:
        self._root = root
        self._switch = switch
        self._names = names_by_kind(root)
        self._most = max(len(name) for name in self._names)
        places = "|".join(
            sorted(
                {" ".join(name) for name, kind in self._names.items() if kind == STATE}, key=len, reverse=True
            )
        )
        self._lists = re.compile(
            rf"\b(?:{places})(?:(?:\s?[،,] ?| )و?(?:{places})\b)*(?:\s?[،,])? و(?:{places})\b"
        )

    def examples(self, chance: random.Random, each: int = 3, english: float = 0.4) -> Iterator[Example]:
        """At most ``each`` questions for an article, a share ``english`` of them word by word in English.

        The answer occurs once in the article's text. Of lists of states all are asked for, with the source ``list``.
        """
        for row in read_jsonl(self._root / "news" / "antcorpus.ar.jsonl.xz"):
            text = row["content"]
            found = [place for place in self._places(text) if text.count(text[place[0] : place[1]]) == 1]
            chance.shuffle(found)
            found.sort(key=lambda place: place[2] != "LIST")
            lists = sum(kind == "LIST" for *_, kind in found)
            for start, end, kind in found[: max(each, lists)]:
                words = " ".join(_clause(text, start, end, chance))
                foreign = chance.random() < english
                if foreign:
                    words = self._switch.text(words, 0.95, chance)
                question = f"{chance.choice(ASKS[kind][foreign])} {words}{'?' if foreign else '؟'}"
                if example := trim(
                    Example(question, text, start, end, "list" if kind == "LIST" else "cloze")
                ):
                    yield example

    def _places(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and kind of what may be asked for; no two overlap."""
        found = [(m.start(), m.end(), "when") for m in _WHEN.finditer(text)]
        found += [(m.start(), m.end(), "count") for m in _COUNT.finditer(text)]
        found += [(m.start(), m.end(), "LIST") for m in self._lists.finditer(text)]
        words = list(_WORD.finditer(text))
        at = 0
        while at < len(words):
            step = 1
            for length in range(min(self._most, len(words) - at), 0, -1):
                start, end = words[at].start(), words[at + length - 1].end()
                kind = self._names.get(tuple(text[start:end].split(" ")))
                if kind is not None:
                    found.append((start, end, "LOC" if kind == STATE else kind))
                    step = length
                    break
            at += step
        found.sort(key=lambda place: (place[0], -place[1]))
        kept: list[tuple[int, int, str]] = []
        for place in found:
            if not kept or place[0] >= kept[-1][1]:
                kept.append(place)
        return kept


def _clause(text: str, start: int, end: int, chance: random.Random) -> Iterator[str]:
    """The words around the answer within its sentence, but for some."""
    before = _SENTENCE.split(text[:start])[-1].split()[-_SIDE:]
    after = _SENTENCE.split(text[end:])[0].split()[:_SIDE]
    for word in (*before, *after):
        bare = word.strip("،,:;.\"'()«»-")
        if bare and chance.random() > _LOST:
            yield bare


def names_by_kind(root: Path) -> dict[tuple[str, ...], str]:
    """Arabic names, as words, with what they name."""
    found: dict[tuple[str, ...], str] = {}
    for name, _, kind in rows(root / "lexicon" / "hkiri-ne.ar-en.tsv.xz"):
        words = tuple(name.split(" "))
        if len(words) > 1:  # of single ones too many are common nouns
            found[words] = kind
    for name, _, kind in rows(root / "lexicon" / "cldr.ar-en.tsv.xz"):
        if kind.startswith(("cldr-territories", "cldr-city")):
            found[tuple(name.split(" "))] = STATE if kind.startswith("cldr-territories") else "LOC"
    return found
