"""Pieces of the page that its script asks for: an article at a span, the list of articles, thumbs, exports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from rag.chat import export, feedback
from rag.chat.askers import asker
from rag.chat.bidi import attribute
from rag.chat.conversations import Conversations
from rag.chat.reading import article_html, articles_html
from rag.chat.script import SCRIPT
from rag.chat.style import STYLE
from rag.chat.words import Tongue, tongue_of, words
from rag.clean import fold
from rag.types import Article, Filter, Span

if TYPE_CHECKING:
    from rag.answer import Pipeline

PAGE = 100  # articles of one page of the list


class Thumb(BaseModel):
    """A thumb on one answer, named as ``conversation:position``."""

    model_config = ConfigDict(extra="forbid")
    turn: str = Field(pattern=r"^[0-9a-f]{24}:\d{1,6}$")
    thumb: Literal["up", "down", ""]
    remark: str = Field(default="", max_length=feedback.LONGEST_REMARK)


class Fragments:
    """The routes under ``/ui``; each answers with HTML that ``render`` made, or a file."""

    def __init__(self, pipeline: Pipeline, kept: Conversations) -> None:
        self._pipeline = pipeline
        self._kept = kept

    async def home(self, request: Request) -> Response:
        """The page in the asker's language: the one chosen before, else the browser's."""
        told = request.cookies.get("sanad_tongue") or request.headers.get("accept-language", "")
        return RedirectResponse(f"/{tongue_of(told)}/", 307, headers={"vary": "accept-language, cookie"})

    async def script(self) -> Response:
        """The page's script."""
        return Response(
            SCRIPT, media_type="text/javascript; charset=utf-8", headers={"cache-control": "no-cache"}
        )

    async def style(self) -> Response:
        """The page's style sheet."""
        return Response(STYLE, media_type="text/css; charset=utf-8", headers={"cache-control": "no-cache"})

    async def icon(self) -> Response:
        """No icon."""
        return Response(status_code=204)

    async def article(
        self,
        id: Annotated[str, Query(max_length=64)],
        start: Annotated[int, Query(ge=0)] = 0,
        end: Annotated[int, Query(ge=0)] = 0,
        tongue: Tongue = "en",
    ) -> Response:
        """An article with the code points ``start`` to ``end`` highlighted."""
        found = await asyncio.to_thread(self._pipeline.articles, Filter(article_ids=(id,)))
        if not found:
            return HTMLResponse(f'<p class="state">{words(tongue)["gone"]}</p>', 404)
        span = Span(start, end) if start < end else None
        return HTMLResponse(article_html(found[0], tongue, span))

    async def articles(
        self,
        tongue: Tongue = "en",
        find: Annotated[str, Query(max_length=200)] = "",
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        """A page of the list of articles whose title, source or date holds ``find``."""
        total, rows = await asyncio.to_thread(self._rows, find, offset)
        return HTMLResponse(articles_html(rows, tongue, offset, total))

    def _rows(self, find: str, offset: int) -> tuple[int, Sequence[tuple[Article, int]]]:
        wanted = fold(find).strip()
        with self._pipeline.index.snapshot() as snapshot:
            fit = [
                article
                for article in snapshot.articles()
                if wanted in fold(f"{article.title} {article.source} {article.date or ''}")
            ]
            page = fit[offset : offset + PAGE]
            return len(fit), [(article, len(snapshot.passages_of(article.id))) for article in page]

    async def thumb(self, request: Request, body: Thumb) -> Response:
        """Notes a thumb with its answer, and in the file of thumbs."""
        conversation, _, position = body.turn.partition(":")
        turn = self._kept.thumb(asker(request.cookies), conversation, int(position), body.thumb)
        await asyncio.to_thread(feedback.keep, self._kept.folder, turn, body.turn, body.remark)
        return Response(status_code=204)

    async def exported(self, request: Request, conversation: str, kind: Literal["md", "json"]) -> Response:
        """A conversation as a file; sent as one, so that no browser shows it as a page."""
        who = asker(request.cookies)
        named, turns = self._kept.get(who, conversation), self._kept.turns(who, conversation)
        make, media = (
            (export.as_markdown, "text/markdown") if kind == "md" else (export.as_json, "application/json")
        )
        headers = {"content-disposition": f'attachment; filename="sanad-{named.id[:8]}.{kind}"'}
        return Response(make(named, turns), media_type=f"{media}; charset=utf-8", headers=headers)


def export_html(conversation: str, tongue: Tongue) -> str:
    """The links to a conversation's files."""
    if not conversation:
        return ""
    said = words(tongue)["export"]
    id = attribute(conversation)
    links = "".join(
        f'<a href="/ui/export/{id}.{kind}" download>{label}</a>'
        for kind, label in (("md", "Markdown"), ("json", "JSON"))
    )
    return f'<span class="label">{said}</span>{links}'


def add_fragments(app: FastAPI, pipeline: Pipeline, kept: Conversations) -> None:
    """Puts the routes of the page into ``app``; they are no part of the API."""
    made = Fragments(pipeline, kept)
    router = APIRouter(include_in_schema=False)
    for method, path, serve in (
        ("GET", "/", made.home),
        ("GET", "/favicon.ico", made.icon),
        ("GET", "/ui/sanad.js", made.script),
        ("GET", "/ui/sanad.css", made.style),
        ("GET", "/ui/article", made.article),
        ("GET", "/ui/articles", made.articles),
        ("POST", "/ui/thumb", made.thumb),
        ("GET", "/ui/export/{conversation}.{kind}", made.exported),
    ):
        router.add_api_route(path, serve, methods=[method], response_model=None)
    app.include_router(router)
