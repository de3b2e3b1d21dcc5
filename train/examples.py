"""What the reader learns from: questions on passages, answered or not, as rows of tokens.

Nearly half are questions that were written for it on Arabic and English passages (``train.asked``), a third SQuAD's, the rest SQuAD's
put into something like Arabic by rules (``train.arabise``), and smaller sets. Most Arabic is read word by word in English, as the
reader reads it. Passages are cropped to a window of sentences around the answer, because a short example teaches nearly as much as a
long one at a fraction of the cost; the share of long windows grows with progress. A quarter have no answer: of the written ones three
in ten as they are; of the others it is cut away, or the passage is one that our own retriever finds for the question though it does
not hold the answer, or one of the same article, or a name or number of the question is put for another one.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from rag.clean import language_of
from rag.gloss import glossary_of, in_english
from rag.lexicon import lexicon
from train.arabise import Arabiser
from train.asked import examples as written_questions
from train.cloze import Cloze
from train.codeswitch import CodeSwitch
from train.data import (
    Example,
    aqad_aligned,
    development_questions,
    drop_near,
    kept_for_calibration,
    read_jsonl,
    squad_format,
    trim,
    unspace,
)
from train.mine import neighbours
from train.offices import Offices
from train.project import projected

MAX_TOKENS = 256
WINDOWS = (56, 88, 136, 216)  # tokens of context kept by a crop
_SENTENCE = re.compile(r"(?<=[.!?؟؛\n])\s+")
# Names within a sentence, and numbers.
_NAMED = re.compile(r"(?<=[^.?] )[A-Z][a-z]+(?: [A-Z][a-z]+)*|\b\d+\b")


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of one pair with its labels; ``start`` and ``end`` are 0 without an answer."""

    ids: list[int]
    kinds: list[int]
    start: int
    end: int
    relevant: float


def spans_of_sentences(text: str) -> list[tuple[int, int]]:
    edges = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


class Sampler:
    """Draws training rows, each kind of example with its share."""

    def __init__(self, root: Path, tokenizer: Tokenizer, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tokenizer = tokenizer
        self.switch = CodeSwitch(root)
        held_out = development_questions(root)
        rows = aqad_aligned(root)
        kept_out = {
            row["context"]
            for row in read_jsonl(root / "squad" / "squad-v1.1-train.jsonl.xz")
            if kept_for_calibration(row["title"])
        }
        kept_out |= {row["context_ar"] for row in rows if kept_for_calibration(row["title_en"])}
        squad = list(squad_format(root / "squad" / "squad-v1.1-train.jsonl.xz", "squad"))
        aligned = [row for row in rows if not kept_for_calibration(row["title_en"])]
        found = [row for row in projected(root, self.switch) if row["context_ar"] not in kept_out]
        found_en = [Example(r["question_en"], r["context_ar"], r["start"], r["end"], "found") for r in found]
        found_ar = [
            Example(r["question_ar"], r["context_ar"], r["start"], r["end"], "found")
            for r in found
            if r["question_ar"]
        ]
        ar_en = []
        for row in aligned:
            at = row["context_en"].find(row["answer_en"])
            english = Example(row["question_ar"], row["context_en"], at, at + len(row["answer_en"]), "aqad")
            if at >= 0 and (kept := trim(english)):
                ar_en.append(kept)
        human = list(squad_format(root / "arcd" / "arcd-train.jsonl.xz", "arcd"))
        human = [replace(e, question=re.sub(r"^- ?|\s+ال$", "", e.question)) for e in human]
        tydi = squad_format(root / "tydiqa" / "tydiqa-goldp-ar-dev.tokenized.jsonl.xz", "tydi")
        human += [unspace(e) for e in tydi]
        clozes = list(Cloze(root, self.switch).examples(self.chance))
        written = list(written_questions(root))
        self.sets = {
            name: drop_near((e for e in examples if e.context not in kept_out), held_out)
            for name, examples in {
                "squad": squad, "ar_en": ar_en, "human": human, "found_en": found_en, "found_ar": found_ar,
                "cloze": [e for e in clozes if e.source != "list"],
                "list": [e for e in clozes if e.source == "list"],
                "office": list(Offices(root, self.switch).examples(self.chance)),
                **{
                    f"written_{asked}_{read}": [
                        pair[asked == "ar"] for pair in written if language_of(pair[0].context) == read
                    ]
                    for asked in ("en", "ar")
                    for read in ("en", "ar")
                },
            }.items()
        }  # fmt: skip
        self.nearby = nearby(root, rows)
        self.arabiser = Arabiser(root, self.chance)
        self.named = sorted({name[0] for e in squad for name in _NAMED.finditer(e.question)})
        # (share, set, what is put into the other language: into Arabic by rules >, into words of an English
        # passage <, all back into English =)
        self.kinds = [
            (0.36, "squad", ""),
            (0.01, "squad", ">question"),
            (0.04, "squad", ">context ="),
            (0.01, "squad", ">question >context ="),
            (0.02, "ar_en", ""),
            (0.03, "ar_en", "<question"),
            (0.01, "found_en", "="),
            (0.01, "found_ar", "="),
            (0.01, "human", ""),
            (0.03, "human", "="),
            (0.01, "cloze", "="),
            (0.01, "list", "="),
            (0.01, "office", "="),
            (0.03, "written_en_ar", ""),
            (0.13, "written_en_ar", "="),
            (0.02, "written_ar_ar", ""),
            (0.13, "written_ar_ar", "="),
            (0.07, "written_en_en", ""),
            (0.01, "written_ar_en", ""),
            (0.07, "written_ar_en", "<question"),
        ]
        self.decks: dict[tuple[str, str], list[Example]] = {}

    def _next(self, kind: tuple[str, str]) -> Example:
        deck = self.decks.get(kind)
        if not deck:
            deck = self.decks[kind] = list(self.sets[kind[0]])
            self.chance.shuffle(deck)
        return deck.pop()

    def draw(self, progress: float) -> Row | None:
        """One row; None when its span did not survive tokenisation."""
        shares = [kind[0] for kind in self.kinds]
        _, name, put = self.chance.choices(self.kinds, shares)[0]
        example = self._next((name, put))
        fate = self.chance.random()
        if name.startswith("written"):  # three in ten of which have no answer as they are
            fate = 1.0 if fate > 0.06 else 0.0
        if fate < 0.12:
            example = Example(example.question, self._other(example, name), -1, -1, name)
        near = self.nearby.get(example.context, ())
        weights = [1.2 - 0.7 * progress, 1.2 - 0.5 * progress, 0.8, 0.2 + 0.6 * progress]
        limit = self.chance.choices(WINDOWS, weights)[0]
        example = self._crop(example, limit, without=0.12 <= fate < 0.21)
        if 0.21 <= fate < 0.26:
            example = self._twisted(example, near)
        if ">context" in put:
            made = self.arabiser.context(example)
            if made is None:
                return None
            example = made
        if ">question" in put:
            example = replace(example, question=self.arabiser.text(example.question))
        elif "<question" in put:
            example = replace(example, question=in_english(example.question, lexicon(), example.context))
        if "=" in put:
            example = glossed(example)
        return encode(self.tokenizer, example)

    def _twisted(self, example: Example, near: Sequence[str]) -> Example:
        """The question with a name or number of the passage put for another, so that nothing answers it.

        The other is one of a passage nearby, or of any question.
        """
        found = [m for m in _NAMED.finditer(example.question) if m[0] in example.context]
        if not found:
            return example
        out = self.chance.choice(found)
        others = [self.chance.choice(self.named) for _ in range(20)]
        if near:
            told = [m[0] for m in _NAMED.finditer(self.chance.choice(near))]
            others[:0] = self.chance.sample(told, min(len(told), 5))
        for other in others:
            if other in example.context or other[0].isdigit() != out[0][0].isdigit():
                continue
            if other[0].isdigit() and len(other) != len(out[0]):
                continue
            question = example.question[: out.start()] + other + example.question[out.end() :]
            return Example(question, example.context, -1, -1, example.source)
        return example

    def _other(self, example: Example, name: str) -> str:
        """A passage without the answer: a confusable one where such are known, else any of the set."""
        answer = example.context[example.start : example.end].lower()
        near = self.nearby.get(example.context, ())
        for _ in range(4):
            other = self.chance.choice(near) if near else self.chance.choice(self.sets[name]).context
            if other != example.context and answer not in other.lower():
                return other
        return self.chance.choice(self.sets[name]).context

    def _crop(self, example: Example, tokens: int, without: bool) -> Example:
        """A window of sentences: around the answer, or (``without``) with its sentence removed."""
        text = example.context
        sentences = spans_of_sentences(text)
        budget = tokens * 4.2  # characters; Arabic and English pieces average near this
        at = next((i for i, (a, b) in enumerate(sentences) if a <= example.start < b), None)
        if at is None:
            at = self.chance.randrange(len(sentences))
        elif without and len(sentences) > 1:
            a, b = sentences[at]
            if example.end > b:  # the span crosses sentences: leave it
                return example
            text = text[:a] + text[b:]
            sentences = spans_of_sentences(text)
            example = Example(example.question, text, -1, -1, example.source)
            at = min(at, len(sentences) - 1)
        first = last = at
        while True:
            sides = []
            if first > 0 and sentences[last][1] - sentences[first - 1][0] <= budget:
                sides.append(-1)
            if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= budget:
                sides.append(1)
            if not sides:
                break
            if self.chance.choice(sides) < 0:
                first -= 1
            else:
                last += 1
        while example.end > sentences[last][1] and last + 1 < len(sentences):
            last += 1
        start, stop = sentences[first][0], sentences[last][1]
        if example.start < 0:
            return replace(example, context=text[start:stop])
        return Example(
            example.question, text[start:stop], example.start - start, example.end - start, example.source
        )

    def batches(self, progress: Any, tokens: int) -> Iterator[list[Row]]:
        """Endless batches of about ``tokens`` padded tokens, rows of like length together."""
        while True:
            rows = [row for _ in range(512) if (row := self.draw(progress())) is not None]
            rows.sort(key=lambda row: len(row.ids))
            groups: list[list[Row]] = [[]]
            for row in rows:
                if (len(groups[-1]) + 1) * len(row.ids) > tokens and groups[-1]:
                    groups.append([])
                groups[-1].append(row)
            self.chance.shuffle(groups)
            yield from groups


def glossed(example: Example) -> Example:
    """An Arabic passage in English word by word, as the reader sees it for a narrow look, and so an Arabic question."""
    question, glossary = glossary_of(example.question, lexicon())
    gloss = glossary.gloss(example.context)
    inside = [
        told for told, source in gloss.places if source.start < example.end and example.start < source.end
    ]
    if example.start < 0 or not inside:
        return Example(question, gloss.text, -1, -1, example.source)
    return Example(question, gloss.text, inside[0].start, inside[-1].end, example.source)


def nearby(root: Path, aligned: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Confusable passages by passage: of the same SQuAD article, or mined (``train.encoder mine``)."""
    articles: dict[str, list[str]] = defaultdict(list)
    for row in read_jsonl(root / "squad" / "squad-v1.1-train.jsonl.xz"):
        articles[row["title"]].append(row["context"])
    found = {text: texts for texts in articles.values() if len(texts) > 1 for text in texts}
    pairs = {row["context_en"]: row["context_ar"] for row in reversed(aligned)}
    english = list(dict.fromkeys(row["context_en"] for row in aligned))
    number = {text: i for i, text in enumerate(english)}
    mined = neighbours()
    for row in aligned:
        others = [english[i] for i in mined.get(number[row["context_en"]], ())]
        if others:
            found[row["context_ar"]] = [pairs[text] for text in others]
            found[row["context_en"]] = found.get(row["context_en"], []) + others
    return found


def encode(tokenizer: Tokenizer, example: Example) -> Row | None:
    """Token ids and the answer's first and last token; None when it was truncated away."""
    encoding = tokenizer.encode(example.question, example.context)
    ids, kinds = encoding.ids[:MAX_TOKENS], encoding.type_ids[:MAX_TOKENS]
    if example.start < 0:
        return Row(ids, kinds, 0, 0, 0.0)
    start = end = 0
    for i, (kind, (a, b)) in enumerate(zip(encoding.type_ids, encoding.offsets, strict=True)):
        if kind == 1 and b > a:
            if not start and b > example.start:
                start = i
            if a < example.end:
                end = i
    if not start or end < start or end >= len(ids):
        return None
    return Row(ids, kinds, start, end, 1.0)
