"""A conversation as Markdown or JSON, with its citations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from rag.chat.bidi import harmless
from rag.chat.conversations import Conversation
from rag.chat.shown import Shown, to_json
from rag.types import Citation

SCHEMA = "sanad.conversation/1"
# Whatever Markdown or HTML would read as more than text. A number is only one of a list at a line's start.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~$&-])")
_LIST = re.compile(r"^(\s*\d+)([.)])", re.MULTILINE)
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data|file|www)([:.])")


def as_json(conversation: Conversation, turns: Sequence[Shown]) -> str:
    """Everything that was said, citations with their offsets (code points)."""
    value = {
        "schema": SCHEMA,
        "id": conversation.id,
        "name": conversation.name,
        "turns": [to_json(turn) for turn in turns],
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def as_markdown(conversation: Conversation, turns: Sequence[Shown]) -> str:
    """The same to be read: answers with their markers, quotes under them."""
    return "\n".join([f"# {plain(conversation.name)}", "", *(line for turn in turns for line in _turn(turn))])


def plain(text: str) -> str:
    """``text`` so that Markdown shows it as it is: no heading, emphasis, link, image, tag or bare address."""
    text = _SPECIAL.sub(r"\\\1", harmless(text))
    return _ADDRESS.sub(r"\1\\\2", _LIST.sub(r"\1\\\2", text))


def _turn(turn: Shown) -> Iterator[str]:
    yield f"## {_one_line(turn.question)}"
    yield ""
    if turn.searched != turn.question:
        yield f"*{_one_line(turn.searched)}*"
        yield ""
    for sentence in turn.sentences:
        doubt = "" if sentence.verified else f" *({_one_line(sentence.reason or 'not verified')})*"
        yield f"{plain(sentence.text)}{doubt}"
    if not turn.sentences:
        yield plain(turn.text)
    yield ""
    for citation in turn.citations:
        yield from _citation(citation)


def _citation(citation: Citation) -> Iterator[str]:
    named = " · ".join(_one_line(p) for p in (citation.title, citation.source, citation.date) if p)
    yield f"\\[{citation.marker}\\] {named} ({citation.start}–{citation.end})"
    yield ""
    for line in citation.quote.split("\n"):
        yield f"> {plain(line)}"
    if citation.rendering:
        yield ">"
        yield f"> = {_one_line(citation.rendering)}"
    if citation.also_in:
        yield ""
        yield f"also in: {', '.join(_one_line(source) for source in citation.also_in)}"
    yield ""


def _one_line(text: str) -> str:
    return plain(" ".join(text.split()))
