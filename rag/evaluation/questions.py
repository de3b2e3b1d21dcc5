"""The questions with known answers: their form, reading them, and a lint of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from rag.errors import InputError
from rag.evaluation.gold import locate
from rag.evaluation.judge import Accepted, occurs

Asked = Literal["ar", "en"]
Split = Literal["dev", "test"]
Kind = Literal[
    "who", "where", "when", "how_many", "list", "why", "how", "yes_no", "differing", "which", "what",
    "summary", "false_premise",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gold:
    """A quote that carries the answer; ``repeats`` where the article's file says it more than once."""

    source: str
    quote: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a disagreement says, in which articles."""

    sources: tuple[str, ...]
    answers: Mapping[str, tuple[Accepted, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        gold: Quotes of every article that carries the answer; empty when it is not answerable.
        answers: Accepted answers by language (``judge`` says how they are compared).
        renderings: Those of them that stand in no gold quote, being said in other words.
        must_differ: The sides, where the articles disagree and the answer must show it.
        corrected_by: For a false premise, quotes that say how it is; citing one is as good as abstaining.
        trap: What makes it easy to answer wrongly.
        about: Articles that an unanswerable question is near to; none where it is off topic.
    """

    id: str
    question: str
    language: Asked
    kind: Kind
    split: Split
    answerable: bool
    gold: tuple[Gold, ...]
    answers: Mapping[str, tuple[Accepted, ...]]
    renderings: tuple[str, ...] = ()
    must_differ: tuple[Side, ...] = ()
    corrected_by: tuple[Gold, ...] = ()
    trap: str = ""
    about: tuple[str, ...] = ()

    @property
    def sources(self) -> frozenset[str]:
        """The articles that carry the answer."""
        return frozenset(gold.source for gold in self.gold)

    @property
    def near(self) -> frozenset[str]:
        """The articles that it is about, whether they answer it or not."""
        return self.sources | {gold.source for gold in self.corrected_by} | frozenset(self.about)

    @property
    def pair(self) -> str:
        """What translations of one question share."""
        return self.id.removesuffix(f"-{self.language}")


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSONL file.

    Raises:
        InputError: It cannot be read, a line is not a question, or there is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the questions in {path}: {error}.") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputError(
                    f"{path}, line {number}, is not a question ({error}). Mend or drop it."
                ) from error
    if not questions:
        raise InputError(f"There are no questions in {path}.")
    return questions


def _question(row: dict[str, Any]) -> Question:
    for key, allowed in (("language", Asked), ("kind", Kind), ("split", Split)):
        if row[key] not in get_args(allowed):
            raise ValueError(f"{key} {row[key]!r}")
    for key, kind in (("id", str), ("question", str), ("answerable", bool)):
        if not isinstance(row[key], kind):
            raise TypeError(f"{key} {row[key]!r}")
    sides = row.get("must_differ", ())
    return Question(
        id=row["id"],
        question=row["question"],
        language=row["language"],
        kind=row["kind"],
        split=row["split"],
        answerable=row["answerable"],
        gold=_gold(row["gold"]),
        answers=_answers(row["answers"]),
        renderings=tuple(row.get("renderings", ())),
        must_differ=tuple(Side(tuple(side["sources"]), _answers(side["answers"])) for side in sides),
        corrected_by=_gold(row.get("corrected_by", ())),
        trap=row.get("trap", ""),
        about=tuple(row.get("about", ())),
    )


def _gold(rows: Iterable[dict[str, Any]]) -> tuple[Gold, ...]:
    return tuple(Gold(row["source"], row["quote"], row.get("repeats", False)) for row in rows)


def _answers(by_language: Mapping[str, Sequence[str | list[str]]]) -> dict[str, tuple[Accepted, ...]]:
    for answers in by_language.values():
        if isinstance(answers, str):
            raise TypeError(f"answers {answers!r} are no list")
    return {
        language: tuple(answer if isinstance(answer, str) else tuple(answer) for answer in answers)
        for language, answers in by_language.items()
    }


def phrases(answers: Iterable[Accepted]) -> Iterator[str]:
    """The members of accepted answers, each once for every mention."""
    for answer in answers:
        yield from (answer,) if isinstance(answer, str) else answer


def lint(questions: Sequence[Question], texts: Mapping[str, str]) -> list[str]:
    """What is wrong with the questions, given the articles' texts by source; empty when nothing is."""
    faults = [
        f"{id_}: the id is used {n} times" for id_, n in Counter(q.id for q in questions).items() if n > 1
    ]
    for question in questions:
        faults += [f"{question.id}: {fault}" for fault in _faults(question, texts)]
    return faults


def _faults(question: Question, texts: Mapping[str, str]) -> Iterator[str]:
    if question.answerable != bool(question.gold) or question.answerable != bool(
        question.answers.get(question.language)
    ):
        yield "answerable must go with gold and accepted answers, and only with them"
    if not question.answerable and not (question.trap or question.corrected_by):
        yield "an unanswerable question says what its trap is"
    for gold in (*question.gold, *question.corrected_by):
        if gold.source not in texts:
            yield f"no article {gold.source}"
            continue
        places = len(locate(gold.quote, texts[gold.source]))
        if places != 1 + gold.repeats:
            yield f"the quote {gold.quote[:40]!r} occurs {places} times in {gold.source}"
    quotes = [gold.quote for gold in question.gold]
    for phrase in set(phrases(answer for answers in question.answers.values() for answer in answers)):
        stands = any(occurs(phrase, quote) for quote in quotes)
        if stands == (phrase in question.renderings):
            how = "stands" if stands else "does not stand"
            yield f"{phrase!r} {how} in a quote; renderings say otherwise"
    for source in set(question.about) - texts.keys():
        yield f"no article {source}"
    for side in question.must_differ:
        if not set(side.sources) <= question.sources:
            yield f"a side names {sorted(set(side.sources) - question.sources)}, which are not gold"
