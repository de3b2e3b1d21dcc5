"""What the encoder learns from: batches of questions with the passages that answer them, and of translations.

So that the other passages of a batch are hard negatives, it is filled along chains: after a passage comes one
that our own fused retrieval found for its questions though it does not hold their answer
(``train.encoder mine``), or one of the same article.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.clean import language_of
from rag.gloss import in_english
from rag.lexicon import lexicon
from train.arabise import Arabiser
from train.asked import examples as written_questions
from train.codeswitch import CodeSwitch
from train.data import (
    Example,
    aqad_aligned,
    development_questions,
    drop_near,
    read_jsonl,
    read_pairs,
    squad_format,
    unspace,
)
from train.mine import neighbours

# The first passages of SQuAD and articles of AntCorpus are distractors where retrieval is measured, and not trained on:
# a passage that training drew near to questions is nearer to others, too, than one that it never saw.
KEPT = 5000
TRANSLATIONS = "translations"
_SENTENCE_END = re.compile(r"(?<=[.!؟\n])\s+")


def is_distractor(source: str) -> bool:
    """Whether a written question's passage is among those of AntCorpus that retrieval is measured with."""
    name, _, number = source.rpartition(" ")
    return name == "antcorpus" and int(number) < KEPT


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the passage that answers it; pairs of one ``passage`` are no negatives of each other."""

    question: str
    context: str
    passage: int
    near: int  # characters: where the answer begins, so that a crop keeps it
    group: str  # article: passages of one are hard negatives


class Deck:
    """Pairs dealt in batches along chains of neighbours, each pair once before any comes again."""

    def __init__(
        self, pairs: Sequence[Pair], neighbours: dict[int, list[int]], chance: random.Random
    ) -> None:
        self.pairs, self.neighbours, self.chance = pairs, neighbours, chance
        self.left: dict[int, list[Pair]] = {}
        self.groups: dict[str, list[int]] = {}

    def _shuffle(self) -> None:
        pairs = list(self.pairs)
        self.chance.shuffle(pairs)
        self.left = defaultdict(list)
        groups: dict[str, set[int]] = defaultdict(set)
        for pair in pairs:
            self.left[pair.passage].append(pair)
            groups[pair.group].add(pair.passage)
        self.left = dict(self.left)
        self.groups = {group: sorted(passages) for group, passages in groups.items() if group}

    def _next(self, last: Pair | None, used: set[int]) -> Pair:
        if last is not None and self.chance.random() < 0.85:
            nearby = self.neighbours.get(last.passage) or self.groups.get(last.group, [])
            for passage in self.chance.sample(nearby, min(len(nearby), 8)):
                if passage not in used and passage in self.left:
                    return self._take(passage)
        for _ in range(20):
            passage = self.chance.choice(list(self.left))
            if passage not in used:
                break
        return self._take(passage)

    def _take(self, passage: int) -> Pair:
        pairs = self.left.pop(passage)
        pair = pairs.pop()
        if pairs:
            self.left[passage] = pairs  # goes to the end
        return pair

    def deal(self, size: int) -> list[Pair]:
        batch: list[Pair] = []
        used: set[int] = set()
        last = None
        while len(batch) < size:
            if not self.left:
                self._shuffle()
            last = self._next(last, used)
            used.add(last.passage)
            batch.append(last)
        return batch


class Sampler:
    """Draws batches of one kind each, the kinds by their share."""

    def __init__(self, root: Path, seed: int, translations: float) -> None:
        self.chance = random.Random(seed)
        self.switch = CodeSwitch(root)
        held_out = development_questions(root)
        mined = neighbours()

        def deck(pairs: Sequence[Pair], neighbours: dict[int, list[int]] | None = None) -> Deck:
            kept = drop_near(
                [Example(p.question, p.context, i, 0, "") for i, p in enumerate(pairs)], held_out
            )
            return Deck([pairs[example.start] for example in kept], neighbours or {}, self.chance)

        rows = aqad_aligned(root)
        number = {text: i for i, text in enumerate(dict.fromkeys(row["context_en"] for row in rows))}
        passages_en = list(read_jsonl(root / "squad" / "squad-v1.1-train.jsonl.xz"))
        kept = {row["context"] for row in passages_en[:KEPT]}

        def aligned(asked: str, read: str) -> Deck:
            return deck(
                [
                    Pair(
                        row[f"question_{asked}"],
                        row[f"context_{read}"],
                        number[row["context_en"]],
                        max(0, row[f"context_{read}"].find(row[f"answer_{read}"])),
                        row["title_en"],
                    )
                    for row in rows
                    if row["context_en"] not in kept
                ],
                mined,
            )

        squad = []
        for i, row in enumerate(passages_en[KEPT:]):
            squad += [
                Pair(qa["question"], row["context"], i, qa["answers"][0]["answer_start"], row["title"])
                for qa in row["qas"]
                if qa["answers"]
            ]
        arabic: list[Example] = list(squad_format(root / "aqad" / "aqad-v1.0.jsonl.xz", "aqad"))
        human = list(squad_format(root / "arcd" / "arcd-train.jsonl.xz", "arcd"))
        human += map(
            unspace, squad_format(root / "tydiqa" / "tydiqa-goldp-ar-dev.tokenized.jsonl.xz", "tydi")
        )
        passages: dict[str, int] = {}
        arabic_pairs = [
            Pair(e.question, e.context, passages.setdefault(e.context, len(passages)), e.start, "")
            for e in arabic + human * 2
        ]
        self.news = [
            (row["title"], row["content"])
            for i, row in enumerate(read_jsonl(root / "news" / "antcorpus.ar.jsonl.xz"))
            if i >= KEPT and row["title"] and len(row["content"]) > 200
        ]
        self.lexicon = lexicon()
        self.translations = self._translations(root, squad, held_out)
        english, native = deck(squad), deck(arabic_pairs)
        articles: dict[str, int] = {}
        written = [
            [
                Pair(
                    one.question, one.context, articles.setdefault(one.context, len(articles)), one.start, ""
                )
                for one in both
            ]
            for both in written_questions(root)
            if both[0].start >= 0 and not is_distractor(both[0].source)
        ]
        self.arabiser = Arabiser(root, self.chance)
        # (share, kind, its pairs, what is put into the other language: word by word ~, into Arabic by rules >)
        self.kinds: list[tuple[float, str, Deck | None, str]] = [
            (0.18, "en->en", english, ""),
            (0.10, "arabised->en", english, ">question"),
            (0.07, "en->arabised", english, ">context"),
            (0.03, "arabised", english, ">question >context"),
            (0.03, "aligned en->en", aligned("en", "en"), ""),
            (0.07, "en->ar", aligned("en", "ar"), ""),
            (0.12, "ar->en", aligned("ar", "en"), ""),
            (0.05, "aligned ar->ar", aligned("ar", "ar"), ""),
            (0.06, "ar->ar", native, ""),
            (0.02, "switched->ar", native, "~question"),
            *(
                (0.10, f"written {asked}->{read}", deck(some), "")
                for asked in ("en", "ar")
                for read in ("en", "ar")
                if (some := [pair[asked == "ar"] for pair in written if language_of(pair[0].context) == read])
            ),
            (0.05, "news", None, ""),
            (translations, TRANSLATIONS, None, ""),
        ]

    def some(self, count: int) -> list[str]:
        """Passages of the kinds that are questions', half of them English."""
        decks = [deck for _, name, deck, _ in self.kinds if deck is not None and name in ("en->en", "ar->ar")]
        return [pair.context for deck in decks for pair in self.chance.sample(deck.pairs, count // 2)]

    def _translations(
        self, root: Path, english: Sequence[Pair], held_out: Sequence[str]
    ) -> list[tuple[float, list[str], list[str | None]]]:
        """``(share, Arabic, English)`` by source; no English where it is to be made word by word."""

        def both(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str | None]]:
            kept = [pair for pair in pairs if len(pair[0]) < 250 and len(pair[1]) < 250]
            return [ar for ar, _ in kept], [en for _, en in kept]

        def kept(questions: Iterable[str]) -> list[str]:
            asked = [Example(question, "", 0, 0, "") for question in dict.fromkeys(questions)]
            return [example.question for example in drop_near(asked, held_out)]

        parallel = [
            pair
            for name in ("tatoeba", "aqad-squad-questions-mt", "opus100-sample")
            for pair in read_pairs(root / "parallel" / f"{name}.ar-en.tsv.xz")
        ]
        parallel += read_pairs(root / "wikiqaar" / "questions.ar-en.tsv.xz")
        hadith = [
            p for p in read_pairs(root / "parallel-religious" / "hadith.ar-en.tsv.xz") if len(p[0]) < 160
        ]
        words = [
            pair
            for name in ("wordnet", "cldr", "hkiri-ne")
            for pair in read_pairs(root / "lexicon" / f"{name}.ar-en.tsv.xz")
        ]
        topics = root / "topics-ar" / "mrtydi-miracl-questions.ar.jsonl.xz"
        asked = [row["question"] for row in read_jsonl(topics)]
        asked += [e.question for e in squad_format(root / "aqad" / "aqad-v1.0.jsonl.xz", "aqad")]
        told = [
            sentence
            for title, text in self.news
            for sentence in [title, *_SENTENCE_END.split(text)[:4]]
            if 30 < len(sentence) < 250
        ]
        read = [crop for pair in english for crop in (self._crop(pair),) if len(crop) < 400]
        sources: list[tuple[float, list[str], list[str | None]]] = [
            (0.36, *both(parallel)),
            (0.04, *both(hadith)),
            (0.12, *both(words)),
            (0.12, kept(asked), []),
            (0.08, told, []),
            (0.14, kept(pair.question for pair in english), []),
            (0.14, read, []),
        ]
        for share, arabic, _ in sources:
            print(f"translations: {share} of {len(arabic)}", flush=True)
        return sources

    def _translation(self) -> tuple[str, str]:
        """An Arabic text and its English, one of them perhaps word by word."""
        shares = [source[0] for source in self.translations]
        _, texts, others = self.chance.choices(self.translations, shares)[0]
        i = self.chance.randrange(len(texts))
        text, other = texts[i], others[i] if others else None
        if other is not None:
            return text, other
        if language_of(text) == "ar":
            return text, in_english(text, self.lexicon)
        return self.arabiser.text(text), text

    def draw(self, size: int) -> tuple[str, list[str], list[str], list[int]]:
        """``(kind, questions, passages, ids)``; passages of one id are not each other's negatives."""
        shares = [kind[0] for kind in self.kinds]
        _, name, deck, put = self.chance.choices(self.kinds, shares)[0]
        if name == TRANSLATIONS:
            found = [self._translation() for _ in range(4 * size)]
            return name, [ar for ar, _ in found], [en for _, en in found], list(range(len(found)))
        if deck is None:
            batch = [self._of_news(title, text) for title, text in self.chance.sample(self.news, size)]
            return name, [q for q, _ in batch], [c for _, c in batch], list(range(size))
        pairs_ = deck.deal(size)
        questions, contexts = [pair.question for pair in pairs_], [self._crop(pair) for pair in pairs_]
        if ">question" in put:
            questions = [self.arabiser.text(question) for question in questions]
        elif "~question" in put:
            questions = [self.switch.text(question, 0.95, self.chance) for question in questions]
        if ">context" in put:
            contexts = [self.arabiser.text(context) for context in contexts]
        return name, questions, contexts, [pair.passage for pair in pairs_]

    def _of_news(self, title: str, text: str) -> tuple[str, str]:
        """A title or a sentence taken out, in Arabic or word by word in English, and the article."""
        sentences = [s for s in _SENTENCE_END.split(text) if 30 < len(s) < 250]
        if sentences and len(sentences) > 1 and self.chance.random() < 0.4:
            query = self.chance.choice(sentences)
            text = text.replace(query, " ")
        else:
            query = title
        if self.chance.random() < 0.6:
            query = self.switch.text(query, 0.95, self.chance)
        return query, text[:700]

    def _crop(self, pair: Pair) -> str:
        """A window of words that holds the beginning of the answer; a few of the passages whole."""
        text = pair.context
        width = self.chance.choice((160, 300, 500, 800))
        if len(text) <= width:
            return text
        low, high = max(0, pair.near + 60 - width), min(pair.near, len(text) - width)
        start = self.chance.randint(min(low, high), max(low, high))
        start = text.rfind(" ", 0, start + 1) + 1
        return text[start : start + width]
