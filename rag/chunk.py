"""Articles to passages: runs of whole sentences, 120 to 220 tokens by default, never truncated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from rag.sentences import sentences
from rag.types import Article, Draft, Part, PartKind, Span

CHUNKING = "1"
# Two words joined may take a token more or fewer than apart; specials and the join are counted too.
_SLACK = 4
# A longer title is no headline, and would crowd out the passage: it is left to its own passage.
_TITLE_CHARACTERS = 160
# Text without spaces is few tokens, or one unknown one, however long; passages stay readable.
_CHARACTERS_PER_TOKEN = 10


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of one that is too long, with what it costs in a passage.

    Attributes:
        tokens: Of the text from the end of the piece before, so that nothing between goes uncounted.
        last: Whether its paragraph ends here.
    """

    span: Span
    tokens: int
    last: bool


def embedding_text(article: Article, draft_text: str) -> str:
    """What is embedded and counted: the title, then the passage, unless it holds the title."""
    if not article.title or len(article.title) > _TITLE_CHARACTERS or article.title in draft_text:
        return draft_text
    return f"{article.title}\n{draft_text}"


def chunk(
    article: Article, count_tokens: Callable[[str], int], minimum: int, maximum: int
) -> tuple[Draft, ...]:
    """Passages of the article's title and body, in order.

    Args:
        count_tokens: Tokens of a text with specials, uncut.
        minimum: A passage is closed at a paragraph's end once it has as many tokens.
        maximum: No passage has more, title and specials included, unless the title alone leaves no
            room for 16 (never with 180 or more).
    """
    titled = 0 < len(article.title) <= _TITLE_CHARACTERS
    title = count_tokens(article.title) if titled else 0
    room = max(16, maximum - title - _SLACK)

    def cost(span: Span) -> int:
        words = article.text[span.start : span.end]
        return max(count_tokens(words) - 1, len(words) // _CHARACTERS_PER_TOKEN)

    counted = [_pieces(article.text, run, cost, room) for run in _runs(article)]
    return tuple(draft for pieces in counted for draft in _pack(article, pieces, minimum - title, room))


def _runs(article: Article) -> list[list[Part]]:
    """Stretches of title and body between parts that are not answered from."""
    shown = (PartKind.TITLE, PartKind.BODY)
    return [list(run) for keep, run in groupby(article.parts, lambda part: part.kind in shown) if keep]


def _pieces(text: str, run: list[Part], cost: Callable[[Span], int], room: int) -> list[_Piece]:
    """The sentences of a run of paragraphs, cut where they are longer than ``room``."""
    found: list[_Piece] = []
    for part in run:
        spans = sentences(text, part.span)
        for number, sentence in enumerate(spans, 1):
            start = found[-1].span.end if found else sentence.start
            tokens = cost(Span(start, sentence.end)) if sentence.end - start <= 12 * room else room + 1
            if tokens <= room:
                found.append(_Piece(sentence, tokens, number == len(spans)))
                continue
            parts = _cut(text, sentence, cost, room)
            if start < sentence.start:
                parts[0] = (parts[0][0], parts[0][1] + cost(Span(start, sentence.start)))
            found.extend(_Piece(span, n, False) for span, n in parts[:-1])
            found.append(_Piece(*parts[-1], number == len(spans)))
    return found


def _cut(text: str, span: Span, cost: Callable[[Span], int], room: int) -> list[tuple[Span, int]]:
    """Parts of ``span`` of at most ``room`` tokens with their tokens, cut at marks, spaces, anywhere."""
    parts: list[tuple[Span, int]] = []
    start, size = span.start, 4 * room
    while start < span.end:
        end = _break(text, start, start + size, span.end)
        tokens = cost(Span(start, end))
        if tokens > room and end - start > 1:
            size = max(1, (end - start) * room * 9 // (tokens * 10))
            continue
        tight = start + len(text[start:end].rstrip())
        if tight > start:
            parts.append((Span(start, tight), tokens))
        # The text that follows is most likely as dense as this.
        size = max(8, min(12 * room, (end - start) * room * 9 // (max(1, tokens) * 10)))
        start = end
        while start < span.end and text[start].isspace():
            start += 1
    return parts


_CLAUSE = re.compile(r"[,،;:؛](?=\s)|[”»](?=\s)")


def _break(text: str, start: int, end: int, limit: int) -> int:
    """Where best to break at or before ``end``: after a clause mark, else a space, else there."""
    if end >= limit:
        return limit
    earliest = start + (end - start) // 2
    marks = [match.end() for match in _CLAUSE.finditer(text, earliest, end)]
    if marks:
        return marks[-1]
    space = max(text.rfind(" ", earliest, end), text.rfind("\n", earliest, end))
    return space if space > start else end


def _pack(article: Article, pieces: list[_Piece], minimum: int, room: int) -> list[Draft]:
    """Pieces joined into passages: full ones, closed early at a paragraph's end."""
    groups: list[list[_Piece]] = []
    open_group: list[_Piece] = []
    filled = 0
    for piece in pieces:
        if open_group and filled + piece.tokens > room:
            groups.append(open_group)
            open_group, filled = [], 0
        open_group.append(piece)
        filled += piece.tokens
        if piece.last and filled >= minimum:
            groups.append(open_group)
            open_group, filled = [], 0
    if open_group:
        groups.append(open_group)
    if len(groups) > 1 and _total(groups[-1]) < minimum:
        groups[-2:] = _level(groups[-2], groups[-1], room)
    return [_draft(article, group) for group in groups]


def _total(group: list[_Piece]) -> int:
    return sum(piece.tokens for piece in group)


def _level(left: list[_Piece], right: list[_Piece], room: int) -> list[list[_Piece]]:
    """A short tail joined to the passage before it, or, where that is too full, evened out."""
    total = _total(left) + _total(right)
    if total <= room:
        return [left + right]
    while len(left) > 1:
        moved = _total(right) + left[-1].tokens
        if moved > total - moved or moved > room:
            break
        left, right = left[:-1], [left[-1], *right]
    return [left, right]


def _draft(article: Article, group: list[_Piece]) -> Draft:
    span = Span(group[0].span.start, group[-1].span.end)
    return Draft(span, article.text[span.start : span.end], tuple(piece.span for piece in group))
