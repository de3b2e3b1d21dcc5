"""A run as JSON: written, read, compared with another, held against the baseline."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag import metrics
from rag.errors import InputError
from rag.evaluation.figures import FIGURES, HEADLINE, confidence, table
from rag.evaluation.outcome import Outcome

SCHEMA = 1
_LESS = {figure.name for figure in FIGURES if figure.less}
Run = dict[str, Any]


def stamp() -> dict[str, Any]:
    """When and on what a run was made."""
    return {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }


def run_of(outcomes: Sequence[Outcome], about: dict[str, Any]) -> Run:
    """The run as plain values; ``about`` says what was run (models, settings, sets)."""
    return {
        **stamp(),
        "about": about,
        "figures": {name: [asdict(row) for row in rows] for name, rows in table(outcomes).items()},
        "confidence": asdict(confidence(outcomes)),
        "questions": [_question(outcome) for outcome in outcomes],
    }


def _question(outcome: Outcome) -> dict[str, Any]:
    question, answer = outcome.question, outcome.answer
    values = {figure.name: value for figure in FIGURES if (value := figure.value(outcome)) is not None}
    return {
        "id": question.id,
        "pair": question.pair,
        "question": question.question,
        "kind": question.kind,
        "half": question.split,
        "direction": outcome.direction,
        "verdict": outcome.verdict,
        "values": values,
        "confidence": round(outcome.confidence, 4),
        "seconds": round(outcome.seconds, 4),
        "answer": answer.text,
        "citations": [[c.marker, c.source, c.start, c.end] for c in answer.citations],
    }


def save(run: Run, path: Path) -> None:
    """Writes a run, one question a line so that versions can be compared by eye."""
    questions = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in run["questions"])
    head = json.dumps({**run, "questions": []}, ensure_ascii=False, indent=1)
    text = head.removesuffix("[]\n}") + f"[\n  {questions}\n]\n}}\n"
    with writing(path):
        path.write_text(text, encoding="utf-8")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """The folder of ``path`` is there, and what cannot be written is said in one sentence.

    Raises:
        InputError: The file or its folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}.") from error


def load(path: Path) -> Run:
    """A run that ``save`` wrote.

    Raises:
        InputError: It is not there, or is something else.
    """
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"Cannot read a run from {path}: {error}. Make one with: python eval --json {path}"
        ) from error
    if not isinstance(run, dict) or run.get("schema") != SCHEMA or "questions" not in run:
        raise InputError(f"{path} is not a run of this version of the evaluation (schema {SCHEMA}).")
    return run


# ------------------------------------------------------------------ comparing


def compare(left: Run, right: Run) -> str:
    """Where two runs differ: each figure with its significance, then question by question.

    Only questions that both runs asked are compared.
    """
    ours = {row["id"]: row for row in left["questions"]}
    theirs = {row["id"]: row for row in right["questions"]}
    common = [key for key in ours if key in theirs]
    if not common:
        raise InputError("The two runs have no question in common.")
    lines = [
        f"{len(common)} questions in both; before, after, change, p by paired permutation of question pairs"
    ]
    # Runs of the own questions and of public sets hold values of different names.
    names = dict.fromkeys(name for key in common for name in ours[key]["values"])
    known = [figure.name for figure in FIGURES if figure.name in names]
    for name in dict.fromkeys([*known, *names]):
        lines += _difference(name, [(ours[key], theirs[key]) for key in common])
    changed = [key for key in common if ours[key]["verdict"] != theirs[key]["verdict"]]
    lines.append(f"\n{len(changed)} verdicts changed")
    for key in sorted(changed, key=lambda key: (theirs[key]["verdict"], key)):
        before, after = ours[key], theirs[key]
        lines += [
            f"  {key}  {before['verdict']} → {after['verdict']}  {after['question']}",
            f"      before: {_short(before['answer'])}",
            f"      after:  {_short(after['answer'])}",
        ]
    return "\n".join(lines)


def _difference(name: str, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    counted = [(a, b) for a, b in rows if name in a["values"] and name in b["values"]]
    if not counted:
        return []
    before = [a["values"][name] for a, _ in counted]
    after = [b["values"][name] for _, b in counted]
    p = metrics.paired_permutation(before, after, [a["pair"] for a, _ in counted])
    old, new = metrics.mean(before) * 100, metrics.mean(after) * 100
    return [f"  {name:<14}{old:>7.1f}{new:>7.1f}{new - old:>+7.1f}  p {p:.3f}{'  *' if p < 0.05 else ''}"]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:159] + "…"


# ------------------------------------------------------------------ the gate


def baseline_of(run: Run) -> dict[str, Any]:
    """What the gate keeps of a run: the headline figures, for all and for each language."""
    kept = {}
    for row in (*run["figures"]["all"], *run["figures"]["language"]):
        kept[row["name"]] = {name: row["figures"][name] for name in HEADLINE if name in row["figures"]}
    return {"schema": SCHEMA, "made": run["made"], "about": run["about"], "rows": kept}


def fallen(run: Run, baseline: dict[str, Any]) -> list[str]:
    """Headline figures that are worse than the baseline by more than its interval, as sentences.

    A figure that the run lacks has fallen too.
    """
    now = baseline_of(run)["rows"]
    found = []
    for name, figures in baseline["rows"].items():
        for figure, before in figures.items():
            value = now.get(name, {}).get(figure, {}).get("value")
            bound = before["high"] if figure in _LESS else before["low"]
            if value is None:
                found.append(f"{figure} ({name}) was not measured")
            elif (value > bound) if figure in _LESS else (value < bound):
                was = f"baseline {before['value'] * 100:.1f}, bound {bound * 100:.1f}"
                found.append(f"{figure} ({name}) is {value * 100:.1f}, {was}")
    return found
