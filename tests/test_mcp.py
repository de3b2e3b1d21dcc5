"""The MCP server through the ``mcp`` client: its tools in this process, and over stdio as a program."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from rag import mcp_server
from rag.errors import InputError
from tests.answering import answering

pytest.importorskip("mcp")


def test_tools_answer_search_and_read(tmp_path: Path) -> None:
    async def use(made: Any) -> None:
        from mcp import Client

        async with Client(made) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert names == {"ask", "search", "get_article"}

            async def call(tool: str, **given: Any) -> Any:
                result = await client.call_tool(tool, given)
                return json.loads(result.content[0].text)

            answer = await call("ask", question="How long is the bridge, engineers said?")
            assert "812" in answer["answer"] and answer["citations"][0]["source"] == "bridge.txt"
            hits = await call("search", question="price of wheat", k=2)
            assert hits[0]["source"] == "wheat.txt" and len(hits) <= 2
            article = await call("get_article", key="wheat.txt", start=5)
            assert article["text"].startswith("rs of the Ghab plain") and article["start"] == 5
            assert "There is no article" in (await call("get_article", key="nothing"))["error"]
            assert "empty" in (await call("ask", question=" "))["error"]

    with answering(tmp_path) as pipeline:
        asyncio.run(use(mcp_server.server(pipeline)))


def test_what_is_told_obeys_no_display() -> None:
    told = mcp_server.told({"a": ["\x1b[2Jx\u202ey\u0007"]})
    assert json.loads(told) == {"a": ["[2Jxy"]}


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with answering(tmp_path) as pipeline:
        with pytest.raises(InputError, match="between 1 and 50"):
            mcp_server.search(pipeline, "x", k=0)
        with pytest.raises(InputError, match="ar, en or other"):
            mcp_server.ask(pipeline, "x", language="fr")


def test_without_an_index_it_says_so_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert mcp_server.main(["--index", str(tmp_path / "none")]) == 1
    assert "There is no index" in capsys.readouterr().err
