"""English put into something like Arabic by rules: words from the lexicon, their order, particles and articles.

Human questions on Arabic passages are few, those on English ones many. Replacing words one by one (``CodeSwitch``)
leaves English order and a litter of particles for "the" and "of"; here nouns come before what describes them,
articles and prepositions are written onto the words, "of" and "'s" become the construct state, verbs may come
first, and names are written over. No translation that anybody should read: gender, number and tense are
mostly left as the lexicon has them. For training only.

    python -m train.arabise         # a sample to read
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from train.data import Example, data_root, squad_format
from train.particles import ASKS, BE, BEFORE, HAVE, MARKS, MONTHS, OWN, PLAIN
from train.tags import ARTICLES, Word
from train.vocabulary import Vocabulary, bare, feminine, with_article

_TOKEN = re.compile(
    r"\d+(?:[.,:]\d+)*(?:st|nd|rd|th|s)?\b|\d+(?:[.,:]\d+)*|[^\W\d_]+(?=['’]s\b)|['’]s\b|[^\W_]+(?:['’][^\W\d_]+)?|[^\w\s]"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(slots=True)
class _Phrase:
    """A noun phrase (``n``), a verb (``v``) or anything else, with its words in Arabic order."""

    kind: str
    words: list[Word]
    definite: bool = False


class Arabiser:
    """Puts English examples into something like Arabic; ``chance`` draws among synonyms and orders."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.chance = chance
        self.words = Vocabulary(root, chance)
        self.tagger = self.words.tagger

    # ------------------------------------------------------------ texts

    def example(self, example: Example) -> Example | None:
        """The example with question and context put into Arabic; None where its answer was torn apart."""
        context = self.context(example)
        return None if context is None else replace(context, question=self.text(example.question))

    def text(self, text: str) -> str:
        made = self.context(Example("", text, 0, 0, ""))
        return made.context if made else text

    def context(self, example: Example) -> Example | None:
        """The context put into Arabic, the question as it is; None where its answer was torn apart."""
        out: list[str] = []
        length, start, end = 0, -1, -1
        apart = broken = False  # whether the answer has ended, and whether it went on after that
        at = 0
        for piece in _SENTENCE.split(example.context):
            at = example.context.find(piece, at)
            joined = False
            for word in self._sentence(piece, at, example.start, example.end):
                text = word.arabic
                if not text:
                    continue
                if out and not joined and not (word.tag == "m" and text in "،؟؛.!:)%"):
                    length += 1
                    out.append(" ")
                if word.marked:
                    start = length if start < 0 else start
                    broken = broken or apart
                    end = length + len(text)
                else:
                    apart = start >= 0
                if joined and out[-1] == "ل" and text.startswith("ال"):
                    text = text[1:]
                    end -= word.marked
                out.append(text)
                length += len(text)
                joined = word.onto or (word.tag == "m" and text == "(")
            at += len(piece)
        if example.end > example.start >= 0 and (start < 0 or broken):
            return None
        return Example(example.question, "".join(out), start, end, example.source)

    # ------------------------------------------------------------ a sentence

    def _sentence(self, text: str, offset: int, start: int, end: int) -> Iterator[Word]:
        words = []
        for match in _TOKEN.finditer(text):
            a, b = offset + match.start(), offset + match.end()
            words.append(Word(match[0], "", start < b and a < end))
        self.tagger.tag(words)
        phrases = self._phrases(words, asking=text.rstrip().endswith("?"))
        for phrase in self._ordered(phrases):
            yield from phrase.words

    # ------------------------------------------------------------ phrases

    def _phrases(self, words: list[Word], asking: bool) -> list[_Phrase]:
        found: list[_Phrase] = []
        i = 0
        first = asking
        while i < len(words):
            word = words[i]
            low = word.english.lower()
            after = words[i + 1].english.lower() if i + 1 < len(words) else ""
            if asking and ((first and low in ASKS) or (low == "how" and after in ("many", "much"))):
                i = self._asked(words, i, after, found)
                first = False
                continue
            if word.tag in "#naNu" or low in ARTICLES or low in OWN:
                i = self._noun_phrase(words, i, found)
                continue
            found.append(self._single(words, i, low, after, found))
            i += 1
        return found

    def _asked(self, words: list[Word], i: int, after: str, found: list[_Phrase]) -> int:
        """The question word at ``i`` with the auxiliary after it; the number of the next word."""
        word = words[i]
        low = word.english.lower()
        step = 1
        if low == "how" and after in ("many", "much"):
            word.arabic, step = self.words.one("كم عدد|كم|ما عدد" if after == "many" else "كم|ما مقدار"), 2
        elif low in ("what", "which") and after in BE:
            word.arabic, step = self.words.one("ما هو|ما هي|ما"), 2
        elif low in ("what", "which") and after in (
            "did",
            "does",
            "do",
            "has",
            "had",
            "have",
            "can",
            "will",
            "could",
        ):
            word.arabic, step = self.words.one("ماذا|ما الذي|ما"), 2
        elif low in ("what", "which"):
            follows = words[i + 1].tag if i + 1 < len(words) else ""
            named = "أي" if i else "أي|ما هو|ما هي"
            word.arabic = self.words.one(named if follows in "naNu" else "ما الذي|ماذا")
        elif low == "who" and after in BE:
            word.arabic, step = self.words.one("من هو|من|من هي|من كان"), 2
        else:
            word.arabic = self.words.one(ASKS[low])
            step = 2 if after in ("did", "does", "do", "has", "had", "have", *BE) else 1
        found.append(_Phrase("w", [word]))
        return i + step

    def _single(self, words: list[Word], i: int, low: str, after: str, found: list[_Phrase]) -> _Phrase:
        word = words[i]
        follows = words[i + 1].tag if i + 1 < len(words) else ""
        kind = "o"
        if word.tag == "m":
            word.arabic = MARKS.get(word.english, word.english)
        elif low in ("will", "would"):
            word.arabic, word.onto = ("س", True) if follows == "v" else (self.words.one("سوف|"), False)
        elif low in BE:
            there = i > 0 and words[i - 1].english.lower() == "there"
            word.arabic = "" if follows == "v" or there else self.words.one(BE[low])
        elif low in HAVE:
            word.arabic = (
                self.words.one("|قد") if follows in "v" or after == "been" else self.words.one(HAVE[low])
            )
        elif low == "to" and follows == "v":
            word.arabic = self.words.one("أن|ل~")
            word.arabic, word.onto = word.arabic.rstrip("~"), word.arabic.endswith("~")
            kind = "p"
        elif low in BEFORE:
            chosen = self.words.one(BEFORE[low])
            word.arabic, word.onto = chosen.rstrip("~"), chosen.endswith("~") and follows not in "#m"
            kind = "p" if low != "and" else "c"
        elif low == "that":
            verb_before = bool(found) and found[-1].kind == "v"
            word.arabic = "أن" if verb_before else self.words.one("الذي|التي")
        elif low in PLAIN:
            word.arabic = self.words.one(PLAIN[low])
        elif word.tag == "v":
            word.arabic, kind = self.words.verb(low), "v"
        elif low not in ("'s", "’s"):
            word.arabic = self.words.content(word)
        return _Phrase(kind, [word])

    def _noun_phrase(self, words: list[Word], i: int, found: list[_Phrase]) -> int:
        """The noun phrase that begins at ``i``; joined to the one before by "of" or "'s"."""
        definite, own = False, ""
        low = words[i].english.lower()
        if low in ARTICLES or low in OWN:
            definite = low == "the"
            own = self.words.one(OWN[low]) if low in OWN else ""
            i += 1
        inside: list[Word] = []
        while i < len(words) and words[i].tag in "#naNu":
            if inside and words[i].tag == "#" and inside[-1].tag != "#":
                break
            inside.append(words[i])
            i += 1
        if not inside:
            return i
        phrase = self._made(inside, definite, own)
        last = found[-1] if found else None
        if last and last.words[-1].english in ("'s", "’s") and len(found) > 1 and found[-2].kind == "n":
            found.pop()
            owner = found.pop()
            found.append(self._joined(phrase, owner))
        elif last and last.words[0].english == "of" and len(found) > 1 and found[-2].kind == "n":
            if self.chance.random() < 0.9:
                found.pop()
                found.append(self._joined(found.pop(), phrase))
            else:
                found.append(phrase)
        else:
            found.append(phrase)
        return i

    def _joined(self, head: _Phrase, rest: _Phrase) -> _Phrase:
        """The construct state: the first without its article."""
        if len(head.words) == 1 and head.words[0].arabic.startswith("ال") and head.definite:
            head.words[0].arabic = head.words[0].arabic[2:]
        return _Phrase("n", head.words + rest.words)

    def _made(self, words: list[Word], definite: bool, own: str) -> _Phrase:
        numbers = [word for word in words if word.tag == "#"]
        for word in numbers:
            word.arabic = word.english.rstrip("stndrh")
        counts = [word for word in numbers if word.arabic == word.english]
        ordinals = [word for word in numbers if word.arabic != word.english]
        units: list[tuple[str, list[Word]]] = []
        rest = [word for word in words if word.tag != "#"]
        at = 0
        while at < len(rest):
            if rest[at].tag != "N":
                units.append((rest[at].tag, [rest[at]]))
                at += 1
                continue
            to = at
            while to < len(rest) and rest[to].tag == "N":
                to += 1
            units += self._named(rest[at:to])
            at = to
        for tag, unit in units:
            if tag != "N":
                unit[0].arabic = self.words.content(unit[0])
        units.reverse()
        nouns = [unit for tag, unit in units if tag in "nu"]
        if units and units[0][0] in "nu":
            head = units[0][1][0]
            for tag, unit in units[1:]:
                if tag == "a" and head.arabic.endswith("ة"):
                    unit[0].arabic = feminine(unit[0].arabic)
            if own:
                head.arabic = (
                    head.arabic[:-1] + "ت" if head.arabic.endswith("ة") else bare(head.arabic)
                ) + own
            generic = not definite and self.chance.random() < (0.4 if head.english.endswith("s") else 0.1)
            if definite or own or generic:
                for n, (tag, unit) in enumerate(units):
                    if tag in "nau" and not (
                        n == 0 and (own or len(nouns) > 1 or any(t == "N" for t, _ in units))
                    ):
                        unit[0].arabic = with_article(unit[0].arabic)
        said = [word for _, unit in units for word in unit]
        said[1:1] = ordinals
        return _Phrase("n", counts + said, definite=definite)

    def _named(self, words: list[Word]) -> list[tuple[str, list[Word]]]:
        """Capitalised words: a known name, common words of a title, or names written over."""
        months = [word for word in words if word.english.lower() in MONTHS]
        for word in months:
            word.arabic = self.words.one(MONTHS[word.english.lower()])
        if months:
            for word in words:
                word.arabic = word.arabic or self.words.name(word.english)
            return [("N", words)]
        low = words[0].english.lower()
        if len(words) == 1 and "a" in self.tagger.known(low) and self.words.translations(low):
            words[0].tag = "a"  # Syrian, Swiss
            return [("a", words)]
        for size in range(len(words), 1, -1):  # the longest known name within
            for first in range(len(words) - size + 1):
                inside = words[first : first + size]
                whole = self.words.renderings(" ".join(word.english for word in inside))
                if whole:
                    inside[0].arabic = whole[0].text
                    for word in inside[1:]:
                        inside[0].marked |= word.marked
                    before, after = words[:first], words[first + size :]
                    return [
                        *(self._named(before) if before else ()),
                        ("N", inside[:1]),
                        *(self._named(after) if after else ()),
                    ]
        last = words[-1].english.lower()
        common = (
            "n" in self.tagger.known(last)
            and self.words.translations(last)
            and self.words.translations(last)[0][1] > 0.85
        )
        if (
            common
            and not (len(words) == 2 and self._first_name(words[0].english))
            and self.chance.random() < 0.85
        ):
            made: list[tuple[str, list[Word]]] = []
            for word in words:
                known = self.tagger.known(word.english.lower())
                if known and self.words.translations(word.english.lower()):
                    word.tag = "a" if "a" in known and word is not words[-1] else "n"
                    made.append((word.tag, [word]))
                else:
                    word.arabic = self.words.name(word.english)
                    made.append(("N", [word]))
            return made
        for word in words:
            word.arabic = self.words.name(word.english)
        return [("N", words)]

    def _first_name(self, word: str) -> bool:
        """Whether a capitalised word is a name and nothing else, so that what follows is one, too."""
        return word.lower() in self.words.names and not self.tagger.known(word.lower())

    def _ordered(self, phrases: list[_Phrase]) -> list[_Phrase]:
        """Verbs before their subjects, half of the time."""
        out = list(phrases)
        for i in range(len(out) - 1):
            opens = i == 0 or out[i - 1].kind in "wc" or out[i - 1].words[-1].tag == "m"
            verb = i + 1
            while verb < len(out) and out[verb].kind == "o" and not out[verb].words[0].arabic:
                verb += 1
            if (
                opens
                and out[i].kind == "n"
                and verb < len(out)
                and out[verb].kind == "v"
                and self.chance.random() < 0.55
            ):
                out[i], out[verb] = out[verb], out[i]
        return out


def main() -> None:
    root = data_root()
    arabiser = Arabiser(root, random.Random(5))
    questions = squad_format(root / "squad" / "squad-v1.1-train.jsonl.xz", "squad")
    kept = seen = 0
    for example in islice(questions, 0, 80_000, 4000):
        made = arabiser.example(example)
        seen += 1
        print(example.question, "|", arabiser.text(example.question))
        if made is None:
            print("  torn apart:", example.context[example.start : example.end])
            continue
        kept += 1
        print(" ", example.context[max(0, example.start - 150) : example.end + 100])
        print(" ", made.context[max(0, made.start - 150) : made.end + 100])
        print(" ", example.context[example.start : example.end], "|", made.context[made.start : made.end])
    print(f"{kept} of {seen} kept")


if __name__ == "__main__":
    main()
