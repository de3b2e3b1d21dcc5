"""Thumbs and remarks, one JSON object a line, in a file on this machine.

A line is a question as ``eval/questions.jsonl`` has them, so that ``python eval --ask FILE`` reads the file: the
quotes of a good answer are its gold; a bad one's gold is for a person to write, and until then it is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from pathlib import Path
from typing import Any

from rag.chat.bidi import harmless
from rag.chat.conversations import now
from rag.chat.shown import Shown
from rag.clean import language_of

LONGEST_REMARK = 1_000  # characters
NAME = "feedback.jsonl"
_MARKERS = re.compile(r"\s*\[\d{1,3}\]")
_writing = threading.Lock()


def row(turn: Shown, key: str, remark: str = "") -> dict[str, Any]:
    """One thumb as a question of the evaluation, with what was answered; ``key`` tells exchanges apart."""
    language = "ar" if turn.language == "ar" else "en"
    good = turn.thumb == "up"
    digest = hashlib.sha256(f"{key} {turn.at}".encode()).hexdigest()[:10]
    accepted = _accepted(turn, language) if good and turn.citations else {}
    quotes = " \n ".join(citation.quote for citation in turn.citations)
    return {
        "id": f"asked-{digest}-{language}",
        "question": harmless(turn.searched),
        "language": language,
        "kind": "what",
        "split": "dev",
        "answerable": not (good and turn.abstained),
        "gold": [{"source": c.source, "quote": c.quote} for c in turn.citations] if good else [],
        "answers": accepted,
        "renderings": [text for texts in accepted.values() for text in texts if text not in quotes],
        "thumb": turn.thumb,
        "remark": " ".join(harmless(remark).split())[:LONGEST_REMARK],
        "answer": turn.text,
        "generator": turn.generator,
        "at": now(),
    }


def _accepted(turn: Shown, language: str) -> dict[str, list[str]]:
    """The answer's own words, and the words marked in its quotes, by their languages."""
    told = [_MARKERS.sub("", sentence.text).strip(" .") for sentence in turn.sentences if sentence.verified]
    found = {language: [text for text in told if text]}
    for citation in turn.citations:
        for mark in citation.marks:
            words = citation.quote[mark.start - citation.start : mark.end - citation.start].strip()
            place = found.setdefault("ar" if language_of(words) == "ar" else "en", [])
            if words and words not in place:
                place.append(words)
    return found


def _id(line: str) -> str:
    """The id of a line; "" for one that somebody has damaged, which stays as it is."""
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return ""


def keep(folder: Path, turn: Shown, key: str, remark: str = "") -> None:
    """Writes the thumb of one exchange, in place of an earlier one; a thumb taken back leaves the file."""
    made = row(turn, key, remark)
    with _writing:
        path = folder / NAME
        # Not splitlines(): the strings of JSON may hold U+2028.
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        lines = [line for line in lines if line and _id(line) != made["id"]]
        if turn.thumb:
            lines.append(json.dumps(made, ensure_ascii=False))
        fresh = path.with_suffix(".new")
        fresh.write_text("", encoding="utf-8")
        os.chmod(fresh, 0o600)
        fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        os.replace(fresh, path)
