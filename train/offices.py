"""Questions made from Arabic news for the holder of an office: "Who is the foreign minister of …?".

News name an office before its holder (وزير الداخلية فلان), and name several side by side, as encyclopaedias
seldom do. A third of the questions ask for an office that the article does not name, of the same kind or of
the same state as one that it does, so that nothing answers them.

    python -m train.offices         # a sample to read
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rag.clean import fold
from rag.lexical import STOP_AR
from train.codeswitch import CodeSwitch
from train.data import Example, data_root, read_jsonl
from train.lexicon import rows

_HEADS = (
    "رئيس رئيسة وزير وزيرة الناطق الناطقة المتحدث المتحدثة مدير مديرة المدير نائب أمين الأمين كاتب سفير سفيرة والي محافظ "
    "قائد عميد المبعوث المنسق رئيسا المفوض مستشار"
).split()
_INSIDE = frozenset("باسم الرسمي العام العامة لدى".split())
_OPEN = frozenset("باسم لدى العام الباجي الباجى".split())  # what ends no office
_BEFORE_NAME = frozenset("السيد السيدة الدكتور الدكتورة الجنرال الأستاذ".split())
_LINKS = frozenset("بن بنت أبو ابو آل عبد ال فان دي".split())
_WORD = re.compile(r"[^\W\d_]+")
_MOST = 6  # words of an office
ASKS = (
    ("من هو {}؟", "من {}؟", "ما اسم {}؟", "من يكون {}؟"),
    ("who is the {}?", "what is the name of the {}?", "who is {}?", "what is the {} called?"),
)


class Holder(NamedTuple):
    """An office named in a text, and where its holder's name stands."""

    office: tuple[str, ...]
    start: int
    end: int


class Offices:
    """Finds offices with their holders, and draws questions for them from the articles of AntCorpus."""

    def __init__(self, root: Path, switch: CodeSwitch) -> None:
        self._root = root
        self._switch = switch
        self._first = first_names(root)

    def examples(
        self, chance: random.Random, english: float = 0.5, missing: float = 0.35
    ) -> Iterator[Example]:
        """At most four questions for an article, a share ``missing`` of them without an answer."""
        texts = [row["content"] for row in read_jsonl(self._root / "news" / "antcorpus.ar.jsonl.xz")]
        found = [list(self.holders(text)) for text in texts]
        offices = sorted({holder.office for holders in found for holder in holders})
        by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for office in offices:
            for word in office:
                by_word[word].append(office)
        for text, holders in zip(texts, found, strict=True):
            chance.shuffle(holders)
            for holder in holders[:4]:
                office, start, end = holder
                if chance.random() < missing:
                    other = chance.choice(by_word[chance.choice(office)])
                    if " ".join(other) in text:
                        continue
                    office, start, end = other, -1, -1
                elif text.count(" ".join(office)) > 2:
                    continue  # its holder's name may stand elsewhere, too
                yield Example(self._question(office, chance, english), text, start, end, "office")

    def _question(self, office: tuple[str, ...], chance: random.Random, english: float) -> str:
        foreign = chance.random() < english
        words = list(office)
        if foreign:  # nouns follow what describes them in Arabic
            words = self._switch.text(" ".join(reversed(words)), 0.97, chance).split()
        return chance.choice(ASKS[foreign]).format(" ".join(words))

    def holders(self, text: str) -> Iterator[Holder]:
        """Offices that are followed by a name, in order."""
        words = list(_WORD.finditer(text))
        at = 0
        while at < len(words):
            if words[at][0] not in _HEADS:
                at += 1
                continue
            to = at + 1
            while to < len(words) and to - at < _MOST and self._goes_on(text, words, to):
                to += 1
            name = to
            while name < len(words) and words[name][0] in _BEFORE_NAME:
                name += 1
            last = self._name_ends(text, words, name)
            whole = to - at > 1 and words[to - 1][0] not in _OPEN
            if last > name and whole and _joined(text, words[name - 1], words[name]):
                office = tuple(word[0] for word in words[at:to])
                yield Holder(office, words[name].start(), words[last - 1].end())
                at = last
            else:
                at += 1

    def _goes_on(self, text: str, words: list[re.Match[str]], at: int) -> bool:
        """Whether a word belongs to the office that the ones before it name."""
        word = words[at][0]
        if not _joined(text, words[at - 1], words[at]) or word in _BEFORE_NAME:
            return False
        if word in _INSIDE or word.startswith(("ال", "لل", "وال")):
            return fold(word) not in self._first or word in _INSIDE
        # A construct state: a bare noun before its definite one.
        after = words[at + 1][0] if at + 1 < len(words) else ""
        return after.startswith("ال") and fold(word) not in STOP_AR and fold(word) not in self._first

    def _name_ends(self, text: str, words: list[re.Match[str]], at: int) -> int:
        """The number of the word after the name that begins at ``at``; ``at`` where none does."""
        if at >= len(words) or fold(words[at][0]) not in self._first:
            return at
        to = at + 1
        names = 1
        while to < len(words) and names < 3 and _joined(text, words[to - 1], words[to]):
            word = words[to][0]
            known = fold(word) in self._first or word in _LINKS
            if fold(word) in STOP_AR or (word.startswith(("ب", "لل")) and not known):
                break
            if names >= 2 and not known:
                break
            names += word not in _LINKS
            to += 1
        return to if names > 1 else at


def _joined(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return text[left.end() : right.start()] == " "


def first_names(root: Path) -> frozenset[str]:
    """Folded Arabic words that begin names of persons, of several persons each."""
    seen: Counter[str] = Counter()
    for name, _, kind in rows(root / "lexicon" / "hkiri-ne.ar-en.tsv.xz"):
        words = name.split(" ")
        if kind == "PERS" and len(words) > 1:
            seen[fold(words[0])] += 1
    return frozenset(
        word
        for word, count in seen.items()
        if count > 3 and len(word) > 2 and not word.startswith("ال") and word not in STOP_AR
    )


if __name__ == "__main__":
    where = data_root(None)
    drawn = random.Random(3)
    made = list(Offices(where, CodeSwitch(where)).examples(drawn))
    print(len(made), sum(example.start < 0 for example in made))
    for example in drawn.sample(made, min(60, len(made))):
        print(example.question, "|", example.context[example.start : example.end] or "-")
