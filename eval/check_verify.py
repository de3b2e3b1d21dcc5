"""How well cited answers are told from answers with a planted error: ``python -m eval.check_verify``.

``verify_cases.jsonl`` holds one answer a line: true ones (kind ``none``) and copies with one planted error
of a kind. Each is cited against passages of the article that it is about; an answer is flagged when
a sentence of it is not verified. ``invented`` is a source that the article does not name, ``other`` a fact of
another article than the one shown.

Recall of a kind: its planted answers that are flagged. Precision of a kind: flagged planted answers
among all flagged answers of the same facts. Cases of split ``dev`` were looked at while tuning, those of
``test`` only counted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunk import chunk
from rag.cite import cite
from rag.config import Config
from rag.protocols import Embedder, Vectors
from rag.read import read_paths
from rag.types import Hit, Passage

HERE = Path(__file__).parent
KINDS = ("number", "date", "name", "negation", "other", "invented")


@dataclass(frozen=True, slots=True)
class Case:
    """One answer; ``kind`` is ``none`` for a true one."""

    id: str
    split: str
    language: str
    kind: str
    text: str
    articles: tuple[str, ...]
    fact: int


@dataclass(frozen=True, slots=True)
class Score:
    """``flagged`` of ``planted`` answers, and ``alarms`` among the true answers of the same facts."""

    planted: int
    flagged: int
    alarms: int

    @property
    def recall(self) -> float:
        """Flagged planted answers / planted answers."""
        return self.flagged / self.planted if self.planted else 0.0

    @property
    def precision(self) -> float:
        """Flagged planted answers / all flagged answers."""
        return self.flagged / (self.flagged + self.alarms) if self.flagged else 0.0


def read_cases(path: Path = HERE / "verify_cases.jsonl") -> tuple[Case, ...]:
    """All cases in the order of the file."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(Case(**{**row, "articles": tuple(row["articles"])}) for row in rows)


def hits_of(articles: Sequence[str], seeds: Path, embedder: Embedder, config: Config) -> tuple[Hit, ...]:
    """Every passage of the seed articles whose file names begin with ``articles``."""
    found: list[Hit] = []
    for source in read_paths([seeds]):
        for article in source.articles:
            if not article.source.startswith(tuple(articles)):
                continue
            drafts = chunk(article, embedder.count_tokens, config.chunk_min, config.chunk_max)
            for draft in drafts:
                ordinal = len(found)
                passage = Passage(ordinal, article.id, ordinal, draft.span, draft.text, draft.sentences)
                found.append(Hit(passage, article, 1.0 / (1 + ordinal)))
    return tuple(found)


def is_flagged(case: Case, hits: Sequence[Hit], embedder: Embedder) -> bool:
    """Whether some sentence of the answer is unverified."""
    told, _ = cite(case.text, hits, embedder)
    return not told or any(not sentence.verified for sentence in told)


def scores(cases: Sequence[Case], flagged: frozenset[str]) -> dict[str, Score]:
    """By kind, and ``all`` together; ``flagged`` holds ids."""
    found = {}
    for kind in (*KINDS, "all"):
        planted = [case for case in cases if case.kind == kind or (kind == "all" and case.kind != "none")]
        facts = {case.fact for case in planted}
        true = [case for case in cases if case.kind == "none" and case.fact in facts]
        found[kind] = Score(
            len(planted),
            sum(case.id in flagged for case in planted),
            sum(case.id in flagged for case in true),
        )
    return found


class Remembering:
    """An embedder that keeps every vector: the same passages are looked at again and again."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._known: dict[str, NDArray[np.float32]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._inner.embed_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def main() -> None:
    """Prints a table for each language of the split."""
    parser = argparse.ArgumentParser(description="Precision and recall of citing and verifying.")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--seeds", type=Path, default=HERE.parent / "seeds")
    parser.add_argument("--wrong", action="store_true", help="print every case decided wrongly")
    options = parser.parse_args()
    from rag.embed import embedder_of

    config = Config()
    embedder: Any = Remembering(embedder_of(config.embedder))
    cases = [case for case in read_cases() if case.split == options.split]
    shown = {case.articles: hits_of(case.articles, options.seeds, embedder, config) for case in cases}
    flagged = frozenset(case.id for case in cases if is_flagged(case, shown[case.articles], embedder))
    if options.wrong:
        for case in cases:
            if (case.id in flagged) == (case.kind == "none"):
                print(case.id, case.kind, case.text)
    for language in ("en", "ar", "both"):
        own = [case for case in cases if language in (case.language, "both")]
        print(f"{language} ({len(own)} answers)")
        for kind, score in scores(own, flagged).items():
            print(
                f"  {kind:9}{score.planted:4} planted  precision {score.precision:.2f}  recall {score.recall:.2f}"
            )


if __name__ == "__main__":
    main()
