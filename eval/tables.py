"""Writes the README's table of figures from ``eval/results/own-test.json``, between its markers.

python -m eval.tables            # after: python eval --half test --json eval/results/own-test.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUN = ROOT / "eval" / "results" / "own-test.json"
BEGIN, END = "<!-- figures: python -m eval.tables -->\n", "<!-- end of figures -->"
ROWS = {
    "passage@5": "gold passage among the first five",
    "in quotes": "accepted answer in the answer or the sentences it cites",
    "in words": "accepted answer in the answer's own words",
    "precision": "citations that show a gold quote",
    "sides": "sides of a disagreement that are told",
    "hallucination": "answered although the articles do not say (less is better)",
    "error": "abstained although the articles say (less is better)",
}


def table(run: dict[str, Any]) -> str:
    """The figures of all questions and of each language, as Markdown."""
    groups = {row["name"]: row for row in (*run["figures"]["all"], *run["figures"]["language"])}
    every, arabic, english = groups["all"], groups["ar"], groups["en"]
    lines = [
        f"| own questions, test half ({every['questions']}; a third unanswerable), `python eval --half test` "
        "| all | asked in Arabic | asked in English |",
        "| --- | --- | --- | --- |",
    ]
    for name, told in ROWS.items():
        cells = (f"{100 * group['figures'][name]['value']:.1f} %" for group in (every, arabic, english))
        lines.append(f"| {told} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def placed(readme: str, made: str) -> str:
    """``readme`` with ``made`` between its markers.

    Raises:
        ValueError: A marker is missing.
    """
    before, found, rest = readme.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"README.md has no place for the figures: {BEGIN.strip()} … {END}")
    return before + BEGIN + made + END + after


def main() -> None:
    readme = ROOT / "README.md"
    made = table(json.loads(RUN.read_text(encoding="utf-8")))
    readme.write_text(placed(readme.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
