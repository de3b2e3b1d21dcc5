"""``python -m rag.mcp_server``: ask, search and read articles from a program that speaks MCP, over stdio.

What a tool returns is quoted material: a client's model may read it, so it is JSON with nothing else in
it, and without the control characters that a terminal or a display would obey.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import ExtraMissing, InputError, RagError

if TYPE_CHECKING:
    from rag.answer import Pipeline

MOST_HITS = 50
MOST_CHARACTERS = 100_000  # of an article's text in one call


def told(value: Any) -> str:
    """``value`` as JSON, control characters and direction marks left out of its strings."""
    return json.dumps(_harmless(value), ensure_ascii=False)


def _harmless(value: Any) -> Any:
    from rag.chat.bidi import harmless

    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {key: _harmless(item) for key, item in value.items()}
    return [_harmless(item) for item in value] if isinstance(value, list) else value


def ask(pipeline: Pipeline, question: str, language: str | None = None) -> str:
    """The answer with its citations; ``language`` restricts the articles to ``ar`` or ``en``."""
    from rag.ask import as_json

    answer = as_json(pipeline.ask(question, where=_where(language)))
    answer["hits"] = answer["hits"][:3] if answer["abstained"] else []
    return told(answer)


def search(pipeline: Pipeline, question: str, k: int = 10, language: str | None = None) -> str:
    """The passages nearest to a question, best first."""
    from rag.ask import hit_json

    if not 1 <= k <= MOST_HITS:
        raise InputError(f"k = {k}: must be between 1 and {MOST_HITS}.")
    return told([hit_json(hit) for hit in pipeline.search(question, where=_where(language), k=k)])


def get_article(pipeline: Pipeline, key: str, start: int = 0) -> str:
    """An article's text from character ``start`` on; ``key`` is its id, its source, or the start of an id or file name."""
    from rag.api import article_json

    found = article_json(pipeline.article(key), text=True)
    del found["parts"]
    text = found["text"]
    start = max(0, min(start, len(text)))
    end = min(len(text), start + MOST_CHARACTERS)
    return told({**found, "text": text[start:end], "start": start, "end": end})


def _where(language: str | None) -> Any:
    from rag.types import Filter

    if language not in (None, "ar", "en", "other"):
        raise InputError(f"language {str(language)[:20]!r}: must be ar, en or other, or left out.")
    return Filter(language=language)  # type: ignore[arg-type]


def server(pipeline: Pipeline) -> Any:
    """The MCP server over a pipeline.

    Raises:
        ExtraMissing: The package ``mcp`` is not installed.
    """
    made = _server_class()("sanad")

    async def ask_(question: str, language: str | None = None) -> str:
        return await _run(ask, pipeline, question, language)

    async def search_(question: str, k: int = 10, language: str | None = None) -> str:
        return await _run(search, pipeline, question, k, language)

    async def get_article_(key: str, start: int = 0) -> str:
        return await _run(get_article, pipeline, key, start)

    made.tool(
        name="ask",
        description="Answer a question, in Arabic or English, from the indexed articles. JSON: the answer with "
        "markers such as [1], its citations (exact quotes with offsets), and whether it abstained.",
    )(ask_)
    made.tool(
        name="search",
        description="The passages of the articles nearest to a question, best first, with scores. JSON list.",
    )(search_)
    made.tool(
        name="get_article",
        description="One article's text, by its id, its source, or the start of an id or file name. JSON.",
    )(get_article_)
    return made


def _server_class() -> Any:
    """``MCPServer`` of mcp 2, ``FastMCP`` of mcp 1: the same interface under two names."""
    try:
        from mcp.server import MCPServer

        return MCPServer
    except ImportError:
        pass
    try:
        from mcp.server.fastmcp import FastMCP
    except ImportError as error:
        raise ExtraMissing("mcp", "mcp") from error
    return FastMCP


async def _run(work: Any, *given: Any) -> str:
    try:
        return str(await asyncio.to_thread(work, *given))
    except RagError as error:
        return told({"error": str(error)})


def main(argv: Sequence[str] | None = None) -> int:
    """Serves on standard input and output until the client leaves."""
    made = argparse.ArgumentParser(prog="python -m rag.mcp_server", description="Sanad over MCP (stdio).")
    made.add_argument("--index", metavar="DIR", help="the index (RAG_INDEX, else ./index, else the user's)")
    made.add_argument("--config", metavar="FILE", help="settings (RAG_CONFIG, else ./sanad.toml)")
    args = made.parse_args(argv)
    try:
        from rag.assemble import assemble
        from rag.config import load_config

        _server_class()  # before the models load
        pipeline = assemble(load_config(args.config, index=args.index))
    except RagError as error:
        return error.reported()
    try:
        server(pipeline).run(transport="stdio")
    finally:
        pipeline.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
