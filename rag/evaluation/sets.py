"""Public question sets: SQuAD-format files, BEIR folders, articles to distract with.

The sets lie outside the project, under a root that a flag or ``SANAD_DATA`` names.
"""

from __future__ import annotations

import csv
import json
import lzma
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import InputError


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage of a public set; ``key`` is its number among them, as text, or its id in the set."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a public set.

    Attributes:
        gold: Grades by key of the paragraphs that answer; empty where none does.
        answers: Accepted answers as they stand in the paragraph.
    """

    id: str
    question: str
    gold: Mapping[str, float]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicSet:
    name: str
    paragraphs: tuple[Paragraph, ...]
    askings: tuple[Asking, ...]
    reads: bool  # whether it has answers to read, not only paragraphs to find


def squad(path: Path, questions: Path | None = None, name: str = "") -> PublicSet:
    """A SQuAD-format set: JSON as published, or JSONL of ``{title, context, qas}``, plain or ``.xz``.

    Args:
        questions: A parallel file; its wording replaces that of the questions with the same id, and
            questions that it lacks are left out.

    Raises:
        InputError: A file cannot be read, is not in that format, or holds no question.
    """
    numbers: dict[str, int] = {}
    paragraphs: list[Paragraph] = []
    askings: list[Asking] = []
    for row in _squad_rows(path):
        context = row["context"]
        if context not in numbers:
            numbers[context] = len(paragraphs)
            paragraphs.append(Paragraph(str(len(paragraphs)), row.get("title") or "", context))
        askings += [_asking(path, qa, str(numbers[context])) for qa in row["qas"]]
    askings = _only_once(askings)
    if questions is not None:
        askings = _reworded(askings, path, questions)
    if not askings:
        raise InputError(f"There are no questions in {path}.")
    return PublicSet(name or path.name, tuple(paragraphs), tuple(askings), reads=True)


def _asking(path: Path, qa: dict[str, Any], key: str) -> Asking:
    try:
        answers = () if qa.get("is_impossible") else tuple(answer["text"] for answer in qa.get("answers", ()))
        gold = {key: 1.0} if answers else {}
        return Asking(str(qa["id"]), str(qa["question"]), gold, answers)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"A question in {path} is not in SQuAD's format ({error}).") from error


def _only_once(askings: Iterable[Asking]) -> list[Asking]:
    """Ids made distinct, for sets that number their questions per paragraph."""
    seen: dict[str, int] = {}
    kept = []
    for asking in askings:
        count = seen[asking.id] = seen.get(asking.id, 0) + 1
        kept.append(asking if count == 1 else replace(asking, id=f"{asking.id}#{count}"))
    return kept


def _reworded(askings: Iterable[Asking], path: Path, questions: Path) -> list[Asking]:
    wording = {asking.id: asking.question for asking in squad(questions).askings}
    joined = [replace(asking, question=wording[asking.id]) for asking in askings if asking.id in wording]
    if not joined:
        raise InputError(f"No question of {questions} has the id of one in {path}; they are not parallel.")
    return joined


def _squad_rows(path: Path) -> Iterator[dict[str, Any]]:
    """``{title, context, qas}`` for each paragraph."""
    for record in _records(path):
        if isinstance(record, dict) and isinstance(record.get("data"), list):
            yield from _published(path, record["data"])
        elif isinstance(record, dict) and "paragraphs" in record:
            yield from _published(path, [record])
        else:
            yield _checked(path, record)


def _published(path: Path, articles: list[Any]) -> Iterator[dict[str, Any]]:
    try:
        for article in articles:
            for paragraph in article["paragraphs"]:
                yield _checked(path, {**paragraph, "title": article.get("title")})
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not in SQuAD's format: an article without {error}.") from error


def _checked(path: Path, row: Any) -> dict[str, Any]:
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("context"), str)
        or not isinstance(row.get("qas"), list)
    ):
        raise InputError(f"{path} is not in SQuAD's format: a paragraph needs a context and qas.")
    return row


def beir(folder: Path) -> PublicSet:
    """A BEIR folder: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/*.tsv`` (``test.tsv`` if there).

    Questions without a graded paragraph are left out; graded paragraphs that the corpus lacks stay gold.

    Raises:
        InputError: A part is missing or not in that format.
    """
    try:
        paragraphs = tuple(
            Paragraph(str(row["_id"]), row.get("title") or "", row["text"])
            for row in _records(_part(folder, "corpus.jsonl"))
        )
        wording = {str(row["_id"]): row["text"] for row in _records(_part(folder, "queries.jsonl"))}
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder} is not in BEIR's format: a line without {error}.") from error
    gold = _grades(folder)
    askings = tuple(Asking(key, wording[key], grades, ()) for key, grades in gold.items() if key in wording)
    if not askings or not paragraphs:
        raise InputError(f"{folder} has no question with a graded paragraph.")
    return PublicSet(folder.name, paragraphs, askings, reads=False)


def _part(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.xz"):
        if candidate.is_file():
            return candidate
    raise InputError(f"{folder} is not a BEIR folder: {name} is missing.")


def _grades(folder: Path) -> dict[str, dict[str, float]]:
    files = sorted((folder / "qrels").glob("*.tsv"))
    chosen = [file for file in files if file.stem == "test"] or files[:1]
    if not chosen:
        raise InputError(f"{folder} is not a BEIR folder: qrels/*.tsv is missing.")
    gold: dict[str, dict[str, float]] = {}
    for row in csv.reader(chosen[0].read_text(encoding="utf-8").splitlines(), delimiter="\t"):
        if len(row) >= 3 and row[2].strip().lstrip("-").isdigit() and int(row[2]) > 0:
            gold.setdefault(row[0], {})[row[1]] = float(row[2])
    return gold


def distractors(path: Path, limit: int | None) -> Iterator[Paragraph]:
    """Articles of a JSONL file (``title``, and ``content`` or ``text``) or of a folder, at most ``limit``.

    Raises:
        InputError: There is nothing to read.
    """
    count = 0
    for title, text in _folder(path) if path.is_dir() else _articles(path):
        if limit is not None and count >= limit:
            return
        yield Paragraph(f"d{count}", title, text)
        count += 1
    if not count:
        raise InputError(f"There are no articles in {path} to distract with.")


def _articles(path: Path) -> Iterator[tuple[str, str]]:
    for row in _records(path):
        text = (
            (row.get("content") or row.get("text") or row.get("context")) if isinstance(row, dict) else None
        )
        if isinstance(text, str) and text.strip():
            yield row.get("title") or "", text


def _folder(path: Path) -> Iterator[tuple[str, str]]:
    from rag.read import read_paths

    for source in read_paths([path]):
        for article in source.articles:
            yield article.title, article.text


def _records(path: Path) -> Iterator[Any]:
    """The values of a JSON file: the whole, the members of a list, or one a line.

    Raises:
        InputError: It cannot be read, is empty, or is not JSON.
    """
    text = _text(path)
    lines = [line for line in text.split("\n") if line.strip()]  # JSON may hold other line ends unescaped
    if not lines:
        raise InputError(f"{path} is empty.")
    try:
        first = json.loads(lines[0])
    except ValueError:
        first = None
    if first is None or (isinstance(first, list) and len(lines) == 1):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise InputError(f"{path} is not JSON: {error}.") from error
        yield from found if isinstance(found, list) else [found]
        return
    yield first
    for number, line in enumerate(lines[1:], 2):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, line {number}, is not JSON: {error}.") from error


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from error
    except (lzma.LZMAError, EOFError) as error:
        raise InputError(f"{path} is not a whole .xz file: {error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text.") from error


# ------------------------------------------------------------------ short names

_FILES = {
    "xquad": ("xquad/xquad-dev.{passages}.jsonl.xz", "xquad/xquad-dev.{questions}.jsonl.xz"),
    "belebele": ("belebele/belebele-eqa-dev.{PASSAGES}-P_{QUESTIONS}-Q.jsonl.xz", None),
    "squad": ("squad/squad-v2.0-dev-part.jsonl.xz", None),
    "arcd": ("arcd/arcd-train.jsonl.xz", None),
    "tydiqa": ("tydiqa/tydiqa-goldp-ar-dev.tokenized.jsonl.xz", None),
    "aqad": ("aqad/aqad-v1.0.jsonl.xz", None),
}
_DISTRACTORS = {"saudinewsnet": "news/saudinewsnet.ar.jsonl.xz", "antcorpus": "news/antcorpus.ar.jsonl.xz"}
_BELEBELE = {"ar": "MSA", "en": "EN"}


def data_root(flag: str | None) -> Path:
    """The folder of the public sets.

    Raises:
        InputError: It does not exist.
    """
    root = Path(flag or os.environ.get("SANAD_DATA") or "../shared/data")
    if not root.is_dir():
        raise InputError(f"No public sets in {root}. Name their folder with --data or SANAD_DATA.")
    return root


def named_squad(words: list[str], questions: str | None, data: str | None) -> PublicSet:
    """The set that ``--squad`` names: a file, or a short name such as ``xquad-ar`` or ``xquad en-ar``.

    In ``en-ar`` the questions are English and the passages Arabic.
    """
    if len(words) == 1 and Path(words[0]).exists():
        return squad(Path(words[0]), Path(questions) if questions else None)
    parts = "-".join(" ".join(words).split()).split("-")
    if parts[0] not in _FILES or any(part not in _BELEBELE for part in parts[1:]) or len(parts) > 3:
        raise InputError(
            f"There is no file {' '.join(words)}, and no set of that name. Known: "
            + ", ".join(f"{name} [ar|en|en-ar|ar-en]" if "{" in _FILES[name][0] else name for name in _FILES)
            + "."
        )
    asked, passages = (parts[1], parts[-1]) if len(parts) > 1 else ("ar", "ar")
    names = {
        "passages": passages,
        "questions": asked,
        "PASSAGES": _BELEBELE[passages],
        "QUESTIONS": _BELEBELE[asked],
    }
    file, parallel = _FILES[parts[0]]
    root = data_root(data)
    other = Path(questions) if questions else None
    if parallel is not None and asked != passages and other is None:
        other = root / parallel.format(**names)
    return squad(root / file.format(**names), other, "-".join(parts))


def named_distractors(name: str, data: str | None) -> Path:
    """The path that ``--distractors`` names, or that of a short name."""
    if name in _DISTRACTORS and not Path(name).exists():
        return data_root(data) / _DISTRACTORS[name]
    if not Path(name).exists():
        raise InputError(
            f"There is nothing at {name} to distract with. Known names: {', '.join(_DISTRACTORS)}."
        )
    return Path(name)
