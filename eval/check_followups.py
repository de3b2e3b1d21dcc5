"""How often a follow-up question is made standalone rightly: ``python -m eval.check_followups``.

``followups.jsonl`` holds conversations of one or two turns and the question after them. It is right when
it has every word of ``must`` (``a|b``: either) and none of ``not``; where ``unchanged``, when left alone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rag.clean import fold
from rag.followup import standalone
from rag.types import Turn

HERE = Path(__file__).parent


def read_conversations(path: Path = HERE / "followups.jsonl") -> list[dict[str, Any]]:
    """All conversations in the order of the file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def asked(row: dict[str, Any]) -> str:
    """The question of ``row`` as it would be searched."""
    history = [Turn(turn["question"], turn["answer"]) for turn in row["turns"]]
    return standalone(row["question"], history)


def is_right(row: dict[str, Any], question: str) -> bool:
    """Whether ``question`` has what ``row`` asks for."""
    if row["unchanged"]:
        return bool(question == row["question"])
    plain = fold(question).lower()
    has = all(any(fold(one).lower() in plain for one in must.split("|")) for must in row["must"])
    return has and not any(fold(word).lower() in plain for word in row["not"])


def main() -> None:
    """Prints the share of right questions for each language of the split."""
    parser = argparse.ArgumentParser(description="Accuracy of follow-up questions.")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--wrong", action="store_true", help="print every question made wrongly")
    options = parser.parse_args()
    rows = [row for row in read_conversations() if row["split"] == options.split]
    right = {row["id"]: is_right(row, asked(row)) for row in rows}
    if options.wrong:
        for row in rows:
            if not right[row["id"]]:
                print(row["id"], row["question"], "→", asked(row))
    for language in ("en", "ar", "both"):
        own = [row for row in rows if language in (row["language"], "both")]
        good = sum(right[row["id"]] for row in own)
        print(f"{language}: {good} of {len(own)} right ({good / len(own):.2f})")


if __name__ == "__main__":
    main()
