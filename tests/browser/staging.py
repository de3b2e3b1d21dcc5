"""A real pipeline without models, with scripted answers before it: what the browser is shown.

Questions of the script get its answers, from articles raw as no cleaning left them; ``SLOWLY`` is written
until it is stopped; all else is asked of the real index and read path.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.answer import Pipeline
from rag.types import Answer, Article, Filter, Sentence, Span, Turn
from tests.answering import ARTICLES, answering
from tests.chat_fakes import answer_of, two_articles
from tests.hostile.payloads import hostile_texts

SLOWLY = "Tell me slowly"
RAW = {"en": "Tell all about harbours", "ar": "حدثني عن الموانئ كلها"}
DATED = {
    f"report-{year}.json": json.dumps(
        {"title": f"Lighthouse report {year}", "date": f"{year}-05-12", "text": f"The lighthouse of Ras Ibn Hani "
         f"was lit on {nights} nights of that year, its keeper wrote in the yearly report to the harbour office."}
    )
    for year, nights in ((2016, 301), (2019, 344))
}  # fmt: skip


class Staged:
    """See the module.

    Attributes:
        asked: Each question with its history and filter.
        told: The pieces of ``SLOWLY``; hostile, so that they test how an answer is drawn while it comes.
        stopped: Set when ``SLOWLY`` was closed before its end.
    """

    def __init__(self, real: Pipeline) -> None:
        self._real = real
        self.asked: list[tuple[str, tuple[Turn, ...], Filter]] = []
        self.told = [f"{text}\n" for text in hostile_texts().values()]
        self.stopped = threading.Event()
        plain = two_articles()
        self.script = plain.script
        self._shelf = {article.id: article for article in plain.shelf.values()}
        for tongue, question in RAW.items():
            self.script[question] = self._hostile(question, tongue)

    def _hostile(self, question: str, tongue: str) -> Answer:
        """An answer that cites every hostile article of a language, each field of it being the payload."""
        sentences: list[Sentence] = []
        citations = []
        for name, text in hostile_texts().items():
            if name.startswith("mina") == (tongue == "ar"):
                found = Article(f"{len(self._shelf):012x}", name, text, text, "en", text, (), "")
                self._shelf[found.id] = found
                made = answer_of(question, found, text, text)
                marker = len(citations) + 1
                citations.append(
                    replace(made.citations[0], marker=marker, rendering=text, also_in=(text,),
                            marks=(Span(0, len(text)),))
                )  # fmt: skip
                sentences += [Sentence(f"{text} [{marker}]", (marker,)), Sentence(text, (), False, text)]
        return replace(
            made, text=" ".join(s.text for s in sentences), sentences=tuple(sentences), citations=tuple(citations),
            searched=text, generator=text,
        )  # fmt: skip

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), where: Filter = Filter(), passages: int | None = None
    ) -> Iterator[str | Answer]:  # fmt: skip
        self.asked.append((question, tuple(history), where))
        if question == SLOWLY:
            yield from self._slowly()
        elif question in self.script:
            answer = self.script[question]
            yield answer.text
            yield replace(answer, question=question)
        else:
            yield from self._real.stream(question, history=history, where=where, passages=passages)

    def _slowly(self) -> Iterator[str]:
        self.stopped.clear()
        try:
            yield from self.told
            while not self.stopped.wait(0.2):
                yield "… "
        except GeneratorExit:
            self.stopped.set()
            raise

    def articles(self, where: Filter = Filter()) -> tuple[Article, ...]:
        staged = [self._shelf[id] for id in where.article_ids if id in self._shelf]
        return tuple(staged) or self._real.articles(where)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def staged(folder: Path) -> Iterator[Staged]:
    """The stage, its index in ``folder``."""
    with answering(folder, {**ARTICLES, **DATED}) as real:
        yield Staged(real)
