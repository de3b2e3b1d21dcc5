"""Articles to passages: runs of whole sentences, 120 to 220 tokens by default, never truncated."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from rag.sentences import sentences
from rag.types import Article, Draft, Part, PartKind, Span

CHUNKING = "1"
# Two words joined may take a token more or fewer than apart; specials and the join are counted too.
_SLACK = 4


def embedding_text(article: Article, draft_text: str) -> str:
    """What is embedded and counted: the title, then the passage, unless it holds the title."""
    if not article.title or article.title in draft_text:
        return draft_text
    return f"{article.title}\n{draft_text}"


def chunk(
    article: Article, count_tokens: Callable[[str], int], minimum: int, maximum: int
) -> tuple[Draft, ...]:
    """Passages of the article's title and body, in order.

    Args:
        count_tokens: Tokens of a text with specials, uncut.
        minimum: A passage is closed at a paragraph's end once it has as many tokens.
        maximum: No passage has more, title and specials included.
    """
    # A title may take a third of a passage at most; a longer one is not repeated in each.
    title = count_tokens(article.title) if article.title else 0
    room = max(16, maximum - title - _SLACK)
    counted = [
        [
            (piece, count_tokens(article.text[piece.start : piece.end]) - 1, last)
            for part in run
            for piece, last in _pieces(article.text, part.span, count_tokens, room)
        ]
        for run in _runs(article)
    ]
    drafts = [draft for pieces in counted for draft in _pack(article, pieces, minimum - title, room)]
    return tuple(drafts)


def _runs(article: Article) -> list[list[Part]]:
    """Stretches of title and body between parts that are not answered from."""
    shown = (PartKind.TITLE, PartKind.BODY)
    return [list(run) for keep, run in groupby(article.parts, lambda part: part.kind in shown) if keep]


def _pieces(
    text: str, span: Span, count_tokens: Callable[[str], int], room: int
) -> list[tuple[Span, bool]]:
    """Sentences, cut where they are longer than ``room``; True marks the last of the paragraph."""
    pieces: list[Span] = []
    for sentence in sentences(text, span):
        pieces.extend(_cut(text, sentence, count_tokens, room))
    return [(piece, i == len(pieces) - 1) for i, piece in enumerate(pieces)]


def _cut(text: str, span: Span, count_tokens: Callable[[str], int], room: int) -> list[Span]:
    """``span`` itself, or parts of it of at most ``room`` tokens, cut at marks, spaces, anywhere."""
    # A token is at least one character: short texts need no counting, and long ones are cut by
    # characters first, so that the work stays linear.
    if span.end - span.start <= room or (
        span.end - span.start <= 12 * room and count_tokens(text[span.start : span.end]) <= room
    ):
        return [span]
    parts: list[Span] = []
    start = span.start
    while start < span.end:
        size = min(span.end - start, 6 * room)
        while True:
            end = _break(text, start, start + size, span.end)
            if end - start <= room // 2 or count_tokens(text[start:end]) <= room:
                break
            size = max(room // 2, (end - start) * 2 // 3)
        tight_end = end
        while tight_end > start and text[tight_end - 1].isspace():
            tight_end -= 1
        if tight_end > start:
            parts.append(Span(start, tight_end))
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


def _pack(
    article: Article, pieces: list[tuple[Span, int, bool]], minimum: int, room: int
) -> list[Draft]:
    """Pieces joined into passages: full ones, closed early at a paragraph's end."""
    groups: list[list[tuple[Span, int]]] = []
    open_group: list[tuple[Span, int]] = []
    for piece, tokens, last in pieces:
        if open_group and sum(n for _, n in open_group) + tokens > room:
            groups.append(open_group)
            open_group = []
        open_group.append((piece, tokens))
        if last and sum(n for _, n in open_group) >= minimum:
            groups.append(open_group)
            open_group = []
    if open_group:
        groups.append(open_group)
    if len(groups) > 1 and sum(n for _, n in groups[-1]) < minimum:
        groups[-2:] = _level(groups[-2], groups[-1], room)
    return [_draft(article, [piece for piece, _ in group]) for group in groups]


def _level(
    left: list[tuple[Span, int]], right: list[tuple[Span, int]], room: int
) -> list[list[tuple[Span, int]]]:
    """A short tail joined to the passage before it, or, where that is too full, evened out."""
    both = left + right
    total = sum(n for _, n in both)
    if total <= room:
        return [both]
    while len(left) > 1:
        moved = left[-1][1]
        rest = sum(n for _, n in right)
        if rest + moved > total - rest - moved or rest + moved > room:
            break
        left, right = left[:-1], [left[-1], *right]
    return [left, right]


def _draft(article: Article, pieces: list[Span]) -> Draft:
    span = Span(pieces[0].start, pieces[-1].end)
    return Draft(span, article.text[span.start : span.end], tuple(pieces))
