"""Thumbs and remarks, one JSON object a line, in a file on this machine.

A line holds what ``eval/questions.jsonl`` asks of a question, so that one can be moved there after a look:
the quotes of a good answer are its gold; a bad one's gold is for a person to write.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from rag.chat.bidi import harmless
from rag.chat.conversations import now
from rag.chat.shown import Shown

LONGEST_REMARK = 1_000  # characters


def row(turn: Shown, remark: str) -> dict[str, Any]:
    """One thumb as a question of the evaluation, with what was answered."""
    language = "ar" if turn.language == "ar" else "en"
    good = turn.thumb == "up"
    digest = hashlib.sha256(turn.searched.encode()).hexdigest()[:10]
    return {
        "id": f"asked-{digest}-{language}",
        "question": harmless(turn.searched),
        "language": language,
        "kind": "what",
        "split": "dev",
        "answerable": not turn.abstained if good else True,
        "gold": [{"source": c.source, "quote": c.quote} for c in turn.citations] if good else [],
        "answers": {},
        "thumb": turn.thumb,
        "remark": " ".join(harmless(remark).split())[:LONGEST_REMARK],
        "answer": turn.text,
        "generator": turn.generator,
        "at": now(),
    }


def append(folder: Path, turn: Shown, remark: str) -> None:
    """Adds one line to ``feedback.jsonl``; one write, so that lines of several askers do not mix."""
    line = json.dumps(row(turn, remark), ensure_ascii=False) + "\n"
    handle = os.open(folder / "feedback.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)
