"""Asking the pipeline every question of a set."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rag.errors import InputError
from rag.evaluation.outcome import Outcome, judge
from rag.evaluation.questions import Question
from rag.types import Answer, Article, Hit, Turn

if TYPE_CHECKING:
    from rag.protocols import Reader


class Asked(Protocol):
    """What the evaluation uses of ``rag.answer.Pipeline``."""

    @property
    def reader(self) -> Reader: ...
    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer: ...
    def search(self, question: str, *, k: int = 10) -> tuple[Hit, ...]: ...
    def articles(self) -> tuple[Article, ...]: ...
    def remove(self, sources: Sequence[str]) -> object: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ticker:
    """Progress on standard error; silent when that is not a terminal, but for the end."""

    what: str
    total: int
    write: Callable[[str], object] = sys.stderr.write

    def __call__(self, done: int) -> None:
        if sys.stderr.isatty():
            self.write(f"\r{self.what}: {done} of {self.total}" + ("\n" if done == self.total else ""))
        elif done == self.total:
            self.write(f"{self.what}: {done}\n")


def run(pipeline: Asked, questions: Sequence[Question]) -> list[Outcome]:
    """Every question's outcome, in order.

    Raises:
        InputError: A gold article is not in the index.
    """
    by_source = {article.source: article for article in pipeline.articles()}
    missing = sorted({source for question in questions for source in question.near} - by_source.keys())
    if missing:
        raise InputError(
            f"{missing[0]}, which a question is about, is not among the articles (nor are {len(missing) - 1} "
            "others). Name their folders with --articles."
        )
    tick = Ticker("questions", len(questions))
    outcomes = []
    for number, question in enumerate(questions, 1):
        started = time.perf_counter()
        answer = pipeline.ask(question.question)
        seconds = time.perf_counter() - started
        outcomes.append(judge(question, answer, by_source.get, seconds))
        tick(number)
    return outcomes
