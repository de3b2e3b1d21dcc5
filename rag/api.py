"""The API: what the OpenAI client expects under ``/v1``, with citations, and the articles themselves.

``docs/api.md`` describes it. Answers come from ``rag.answer``; here they are only put into the shapes of
the protocol. Every error is ``{"error": {"message", "type", "code"}}``.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, File, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from rag.ask import as_json, hit_json
from rag.chat import library
from rag.chat.running import pieces, whole
from rag.errors import IndexError_, IndexLocked, InputError, ModelError, RagError
from rag.types import Answer, Article, Filter, Turn

if TYPE_CHECKING:
    from rag.answer import Pipeline

MODEL = "sanad"
MOST_MESSAGES = 200
_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_MARKERS = re.compile(r"\s*\[\d{1,3}\]")


class FilterBody(BaseModel):
    """Restricts what is searched; every condition given must hold."""

    model_config = ConfigDict(extra="forbid")
    sources: list[str] = Field(default=[], max_length=1_000)
    article_ids: list[str] = Field(default=[], max_length=1_000)
    language: Literal["ar", "en", "other"] | None = None
    since: str | None = Field(default=None, pattern=_DATE, description="ISO date, inclusive")
    until: str | None = Field(default=None, pattern=_DATE, description="ISO date, inclusive")

    def where(self) -> Filter:
        """As the pipeline takes it."""
        return Filter(tuple(self.sources), tuple(self.article_ids), self.language, self.since, self.until)


class Part(BaseModel):
    """A part of a message; only parts of type ``text`` are read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """One message. System messages are accepted and not followed: the articles alone are answered from."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None

    def text(self) -> str:
        """Its text, parts joined."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.type == "text")


class Extra(BaseModel):
    """The request's own field of Sanad."""

    model_config = ConfigDict(extra="forbid")
    filter: FilterBody = FilterBody()
    passages: int | None = Field(default=None, ge=1, le=50)


class ChatBody(BaseModel):
    """A chat completion. Sampling parameters are accepted and change nothing."""

    model_config = ConfigDict(extra="ignore")
    model: str = MODEL
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool = False
    stream_options: dict[str, Any] | None = None
    n: int | None = Field(default=None, ge=1, le=1)
    sanad: Extra = Extra()


class SearchBody(BaseModel):
    """A search without an answer."""

    model_config = ConfigDict(extra="forbid")
    question: str
    k: int = Field(default=10, ge=1, le=50)
    filter: FilterBody = FilterBody()


def asked(messages: Sequence[Message]) -> tuple[str, tuple[Turn, ...]]:
    """The question, which is the last message, and the exchanges before it; markers are left out of them.

    Raises:
        InputError: The last message is not the user's.
    """
    said = [message for message in messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise InputError("The last message must be the user's question.")
    turns: list[Turn] = []
    waiting: str | None = None
    for message in said[:-1]:
        if message.role == "user":
            waiting = message.text()
        elif waiting is not None:
            turns.append(Turn(waiting, _MARKERS.sub("", message.text())))
            waiting = None
    return said[-1].text(), tuple(turns)


# ------------------------------------------------------------------ shapes


def completion(answer: Answer, id: str, made: int) -> dict[str, Any]:
    """A whole chat completion; Sanad's answer is in the extra field ``sanad``."""
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    return {
        "id": id,
        "object": "chat.completion",
        "created": made,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": usage(),
        "sanad": as_json(answer),
    }


def usage() -> dict[str, int]:
    """Zeros: tokens are not what an extractive answer is made of, and nobody pays for them."""
    return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def event(id: str, made: int, delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
    """One server-sent event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    value = {
        "id": id,
        "object": "chat.completion.chunk",
        "created": made,
        "model": MODEL,
        "choices": [choice],
    }
    return f"data: {json.dumps({**value, **more}, ensure_ascii=False)}\n\n"


def mend(told: str, answer: Answer) -> str:
    """What a client that only joins pieces still needs: the abstention, where code withdrew what was told."""
    if not told:
        return answer.text
    return f"\n\n{answer.text}" if answer.abstained and told.strip() != answer.text.strip() else ""


def article_json(article: Article, text: bool = False) -> dict[str, Any]:
    """An article; with ``text`` also its cleaned text and parts."""
    row = {
        key: getattr(article, key) for key in ("id", "source", "title", "language", "date", "content_hash")
    }
    row["characters"] = len(article.text)
    if text:
        row["text"] = article.text
        row["parts"] = [
            {"kind": p.kind.value, "start": p.span.start, "end": p.span.end} for p in article.parts
        ]
    return row


# ------------------------------------------------------------------ routes


class Api:
    """The routes over one pipeline."""

    def __init__(self, pipeline: Pipeline, max_upload_mb: int) -> None:
        self._pipeline = pipeline
        self._most = max_upload_mb * 1_000_000

    async def health(self) -> dict[str, Any]:
        """Alive; answered in the event loop, so that no question can delay it."""
        return {"status": "ok"}

    async def models(self) -> dict[str, Any]:
        """The one model."""
        return {
            "object": "list",
            "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "sanad"}],
        }

    async def chat(self, body: ChatBody) -> Response:
        """Answers the last message from the articles; earlier ones are its history."""
        if body.model != MODEL:
            return error(404, f"There is no model {body.model[:60]!r}. There is: {MODEL}.", "model_not_found")
        question, history = asked(body.messages)
        where, count = body.sanad.filter.where(), body.sanad.passages

        def begin() -> Iterator[str | Answer]:
            return self._pipeline.stream(question, history=history, where=where, passages=count)

        id, made = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
        if not body.stream:
            return JSONResponse(completion(await whole(begin), id, made))
        counted = bool((body.stream_options or {}).get("include_usage"))
        found = pieces(begin)
        # The first piece is waited for, so that a question that cannot be asked gets its status.
        first = await anext(found, None)
        return StreamingResponse(
            _events(first, found, id, made, counted),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )

    async def search(self, body: SearchBody) -> dict[str, Any]:
        """The passages nearest to a question, with each leg's rank and score."""
        hits = await asyncio.to_thread(
            self._pipeline.search, body.question, where=body.filter.where(), k=body.k
        )
        return {"object": "list", "data": [hit_json(hit) for hit in hits]}

    async def articles(
        self,
        language: Literal["ar", "en", "other"] | None = None,
        since: Annotated[str | None, Query(pattern=_DATE)] = None,
        until: Annotated[str | None, Query(pattern=_DATE)] = None,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> dict[str, Any]:
        """The articles in order of their sources, without their text."""
        where = Filter(language=language, since=since, until=until)
        found = await asyncio.to_thread(self._pipeline.articles, where)
        rows = [article_json(article) for article in found[offset : offset + limit]]
        return {"object": "list", "total": len(found), "data": rows}

    async def article(self, key: str) -> Response:
        """One article with its text, by its id, its source, or the start of an id or file name."""
        try:
            found = await asyncio.to_thread(self._pipeline.article, key)
        except InputError as fault:
            return error(404, str(fault), "article_not_found")
        return JSONResponse(article_json(found, text=True))

    async def add(self, files: Annotated[list[UploadFile], File()]) -> Response:
        """Adds files or zip archives; a verdict for each file. 422 when none of them could be read."""
        given = [(file.filename or "", file.file) for file in files]
        found = await asyncio.to_thread(library.add, self._pipeline, given, self._most)
        read = any(verdict.outcome != "refused" for verdict in found)
        rows = [asdict(verdict) for verdict in found]
        return JSONResponse({"object": "list", "data": rows}, 200 if read else 422)

    async def delete(self, key: str) -> Response:
        """Deletes an article, and those read from the same file; nothing of them stays in the index.

        ``key`` is the whole id or source: what a prefix happens to fit must not be lost.
        """
        try:
            found = await asyncio.to_thread(self._pipeline.article, key)
        except InputError as fault:
            return error(404, str(fault), "article_not_found")
        if key not in (found.id, found.source):
            told = f"There is no article {key!r}. To delete {found.source}, name its whole id or source."
            return error(404, told, "article_not_found")
        gone = await asyncio.to_thread(library.remove, self._pipeline, found)
        return JSONResponse(
            {"object": "article.deleted", "id": found.id, "deleted": True, "sources": list(gone)}
        )


async def _events(
    first: str | Answer | None, rest: AsyncGenerator[str | Answer, None], id: str, made: int, counted: bool
) -> AsyncIterator[str]:
    told = ""
    yield event(id, made, {"role": "assistant", "content": ""})
    async with aclosing(_chained(first, rest)) as found:
        try:
            async for piece in found:
                if isinstance(piece, str):
                    told += piece
                    yield event(id, made, {"content": piece})
                else:
                    if missing := mend(told, piece):
                        yield event(id, made, {"content": missing})
                    yield event(id, made, {}, "stop", sanad=as_json(piece))
        except RagError as fault:
            value = {"error": {"message": str(fault), "type": "server_error", "code": None}}
            yield f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
            return
    if counted:
        last: dict[str, Any] = {
            "id": id,
            "object": "chat.completion.chunk",
            "created": made,
            "model": MODEL,
            "choices": [],
        }
        yield f"data: {json.dumps({**last, 'usage': usage()})}\n\n"
    yield "data: [DONE]\n\n"


async def _chained(
    first: str | Answer | None, rest: AsyncGenerator[str | Answer, None]
) -> AsyncGenerator[str | Answer, None]:
    async with aclosing(rest):
        if first is not None:
            yield first
        async for piece in rest:
            yield piece


def error(status: int, message: str, code: str | None = None) -> JSONResponse:
    """An error in the protocol's shape."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return JSONResponse({"error": {"message": message, "type": kind, "code": code}}, status)


def status_of(fault: RagError) -> int:
    """The HTTP status of an error: 400 the asker's, 503 try later, 500 this server's."""
    if isinstance(fault, InputError):
        return 400
    if isinstance(fault, IndexLocked) or type(fault) is RagError:
        return 503
    return 502 if isinstance(fault, ModelError) else 500 if isinstance(fault, IndexError_) else 503


async def _told(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RagError)
    return error(status_of(fault), str(fault))


async def _unfit(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    wrong = "; ".join(
        f"{'.'.join(str(place) for place in row['loc'][1:]) or 'body'}: {row['msg']}"
        for row in fault.errors()[:5]
    )
    return error(400, f"The request does not fit the API: {wrong}. See docs/api.md.")


async def _refused(_: Request, fault: Exception) -> Response:
    """What the server itself refuses: no such route or method, a body that is no form."""
    assert isinstance(fault, HTTPException)
    return error(fault.status_code, f"{fault.detail}. See docs/api.md.")


def add_api(app: FastAPI, pipeline: Pipeline, max_upload_mb: int) -> None:
    """Puts the API's routes and the shapes of its errors into ``app``."""
    api = Api(pipeline, max_upload_mb)
    router = APIRouter(tags=["Sanad"])
    for method, path, serve in (
        ("GET", "/health", api.health),
        ("GET", "/v1/models", api.models),
        ("POST", "/v1/chat/completions", api.chat),
        ("POST", "/v1/search", api.search),
        ("GET", "/v1/articles", api.articles),
        ("POST", "/v1/articles", api.add),
        ("GET", "/v1/articles/{key:path}", api.article),
        ("DELETE", "/v1/articles/{key:path}", api.delete),
    ):
        router.add_api_route(path, serve, methods=[method], response_model=None)
    app.include_router(router)
    app.add_exception_handler(RagError, _told)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _refused)
