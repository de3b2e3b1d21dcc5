"""Reading the training sets: questions with answer spans, sentence pairs, word pairs.

The sets lie outside the project. Their root is a flag of most recipes, else the environment
variable ``SANAD_DATA``, else ``../shared/data``. Nothing here is used by the package ``rag``.
"""

from __future__ import annotations

import json
import lzma
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """One question with one answer span; ``start`` and ``end`` are code points of ``context``."""

    question: str
    context: str
    start: int
    end: int
    source: str


def data_root(flag: str | None = None) -> Path:
    """The folder of the data sets.

    Raises:
        SystemExit: It does not exist; the message says how to name it.
    """
    root = Path(flag or os.environ.get("SANAD_DATA") or "../shared/data")
    if not root.is_dir():
        raise SystemExit(f"No data sets in {root}. Name their folder with --data or SANAD_DATA.")
    return root


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a ``.jsonl.xz`` file, one a line."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """``(arabic, english)`` of a ``.tsv.xz`` file; further columns are dropped."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            columns = line.rstrip("\n").split("\t")
            if len(columns) >= 2 and columns[0] and columns[1]:
                yield columns[0], columns[1]


def squad_format(path: Path, source: str) -> Iterator[Example]:
    """Answerable questions of a SQuAD-format file, each with its first answer."""
    for paragraph in read_jsonl(path):
        for qa in paragraph["qas"]:
            if qa.get("is_impossible") or not qa["answers"]:
                continue
            answer = qa["answers"][0]
            start = int(answer["answer_start"])
            end = start + len(answer["text"])
            example = Example(qa["question"], paragraph["context"], start, end, source)
            trimmed = trim(example)
            if trimmed is not None:
                yield trimmed


_EDGE = " \t\n.,;:،؛؟?!«»\"'“”()[]"


def trim(example: Example) -> Example | None:
    """The same example without spaces and punctuation at the edges of its answer."""
    start, end = example.start, example.end
    text = example.context
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    if start >= end:
        return None
    return Example(example.question, text, start, end, example.source)


_SPACED = re.compile(r" (?=[.,،؛:؟?!)\]])|(?<=[(\[]) ")


def unspace(example: Example) -> Example:
    """Mend punctuation that a tokenizer spaced out (``word ، word`` → ``word، word``)."""
    kept: list[str] = []
    last = 0
    start, end = example.start, example.end
    for match in _SPACED.finditer(example.context):
        kept.append(example.context[last : match.start()])
        last = match.end()
        start -= match.start() < example.start
        end -= match.start() < example.end
    kept.append(example.context[last:])
    return Example(_SPACED.sub("", example.question), "".join(kept), start, end, example.source)


def aqad_aligned(root: Path) -> list[dict[str, Any]]:
    """AQAD questions joined to SQuAD's, those whose alignment is likely right."""
    rows = read_jsonl(root / "aqad" / "aqad-squad-aligned.jsonl.xz")
    return [row for row in rows if row["sim"] > 0.45]


def kept_for_calibration(title: str) -> bool:
    """Whether a SQuAD article, and what is aligned to it, is kept out of the reader's training.

    A fifth of the articles: a reader is surer of what it has learned than of what it will be asked.
    """
    return zlib.crc32(f"kept {title}".encode()) % 5 == 0


def word_set(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def drop_near(examples: Iterable[Example], held_out: Iterable[str]) -> list[Example]:
    """Examples whose question is not a near-duplicate of a held-out one.

    Near means a Jaccard overlap of at least 0.8 of the words; questions of under four words
    must be equal.
    """
    postings: dict[str, set[int]] = defaultdict(set)
    sets: list[frozenset[str]] = []
    for number, question in enumerate(held_out):
        words = word_set(question)
        sets.append(words)
        for word in words:
            postings[word].add(number)

    def near(question: str) -> bool:
        words = word_set(question)
        counts: dict[int, int] = defaultdict(int)
        rarest = sorted(words, key=lambda word: len(postings.get(word, ())))
        # An overlap of 0.8 leaves out at most a fifth of the words.
        for word in rarest[: len(rarest) // 5 + 1]:
            for number in postings.get(word, ()):
                counts[number] += 1
        for number in counts:
            shared = len(words & sets[number])
            union = len(words) + len(sets[number]) - shared
            if shared / union >= (0.8 if len(words) >= 4 else 1.0):
                return True
        return False

    return [example for example in examples if not near(example.question)]


def development_questions(root: Path) -> list[str]:
    """Every question of the sets that are for measuring only."""
    paths = [
        *sorted((root / "xquad").glob("*.jsonl.xz")),
        *sorted((root / "belebele").glob("*.jsonl.xz")),
        *sorted((root / "squad").glob("squad-v2*.jsonl.xz")),
    ]
    return [qa["question"] for path in paths for row in read_jsonl(path) for qa in row["qas"]]
