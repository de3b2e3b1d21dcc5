"""The API over raw HTTP and through the ``openai`` client, against the real read path without models."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from rag.answer import Pipeline
from rag.api import Message as ApiMessage
from rag.api import add_api, asked, mend, status_of
from rag.errors import IndexDamaged, IndexLocked, InputError, ModelError
from rag.prompts import ABSTENTION
from rag.types import Answer, Turn
from tests.answering import Slow, answering
from tests.fakes import ScriptedGenerator

BRIDGE = "How long is the bridge, engineers said?"


class Server:
    """``app`` on a free port of 127.0.0.1, in a thread."""

    def __init__(self, app: Any) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        deadline = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def api_of(pipeline: Pipeline, max_upload_mb: int = 1) -> FastAPI:
    app = FastAPI()
    add_api(app, pipeline, max_upload_mb)
    return app


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with answering(tmp_path) as pipeline, Server(api_of(pipeline)) as made:
        yield made


def post(server: Server, path: str, **body: Any) -> httpx.Response:
    return httpx.post(server.url + path, json=body, timeout=30)


def ask(server: Server, question: str, **more: Any) -> httpx.Response:
    return post(
        server,
        "/v1/chat/completions",
        model="sanad",
        messages=[{"role": "user", "content": question}],
        **more,
    )


def events(response: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in response.text.split("\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_an_answer_carries_its_citations(server: Server) -> None:
    body = ask(server, BRIDGE).json()
    content = body["choices"][0]["message"]["content"]
    assert "812" in content and "[1]" in content
    citation = body["sanad"]["citations"][0]
    text = httpx.get(f"{server.url}/v1/articles/{citation['article_id']}").json()["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert "812 metres" in citation["quote"] and citation["source"] == "bridge.txt"


def test_what_the_articles_do_not_say_is_not_answered(server: Server) -> None:
    body = ask(server, "Who won the chess championship in Reykjavik?").json()
    assert body["sanad"]["abstained"] and body["choices"][0]["message"]["content"] == ABSTENTION["en"]


def test_a_stream_joins_to_the_answer_and_ends_with_the_citations(server: Server) -> None:
    chunks = events(ask(server, BRIDGE, stream=True, stream_options={"include_usage": True}))
    told = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
    last = chunks[-2]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert told == last["sanad"]["answer"] and last["sanad"]["citations"]
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] == 0
    assert {c["id"] for c in chunks} == {chunks[0]["id"]}


def test_history_is_honoured(server: Server) -> None:
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "How long is the bridge of Qatana?"},
        {"role": "assistant", "content": "The bridge of Qatana is 812 metres long [1]."},
        {"role": "user", "content": [{"type": "text", "text": "Who opened it?"}]},
    ]
    body = post(server, "/v1/chat/completions", messages=messages).json()
    assert body["sanad"]["question"] == "Who opened it?"
    assert "bridge" in body["sanad"]["searched"] and "[1]" not in body["sanad"]["searched"]


def test_a_filter_restricts_what_is_searched(server: Server) -> None:
    body = ask(server, BRIDGE, sanad={"filter": {"sources": ["wheat.txt"]}}).json()
    assert {hit["source"] for hit in body["sanad"]["hits"]} == {"wheat.txt"}
    assert body["sanad"]["abstained"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/chat/completions", {"model": "gpt-4", "messages": [{"role": "user", "content": "x"}]}, 404),
        ("/v1/chat/completions", {"messages": []}, 400),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "x"}]}, 400),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "  "}]}, 400),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "  "}], "stream": True}, 400),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": "q"}], "sanad": {"color": 1}},
            400,
        ),
        ("/v1/search", {"question": "x" * 3000}, 400),
        ("/v1/search", {"question": "x", "k": 1000}, 400),
        ("/v1/search", {"question": "x", "filter": {"since": "yesterday"}}, 400),
    ],
)
def test_what_cannot_be_used_is_refused_in_the_protocols_shape(
    server: Server, path: str, body: dict[str, Any], status: int
) -> None:
    response = post(server, path, **body)
    assert response.status_code == status
    fault = response.json()["error"]
    assert fault["message"].rstrip('"').endswith((".", "?")) or "docs" in fault["message"]
    assert fault["type"] == "invalid_request_error"


def test_broken_json_is_refused(server: Server) -> None:
    response = httpx.post(
        f"{server.url}/v1/search", content=b'{"question": ', headers={"content-type": "application/json"}
    )
    assert response.status_code == 400 and "error" in response.json()


def test_search_tells_each_leg(server: Server) -> None:
    found = post(server, "/v1/search", question="price of wheat", k=3).json()["data"]
    assert found[0]["source"] == "wheat.txt" and found[0]["legs"]["lexical"]["rank"] == 1
    assert len(found) <= 3


def test_articles_are_listed_by_language(server: Server) -> None:
    everything = httpx.get(f"{server.url}/v1/articles").json()
    arabic = httpx.get(f"{server.url}/v1/articles", params={"language": "ar"}).json()
    assert everything["total"] == 3 and [row["source"] for row in arabic["data"]] == ["جسر.txt"]
    assert (
        httpx.get(f"{server.url}/v1/articles", params={"offset": 2, "limit": 5}).json()["data"][0]["source"]
        == "جسر.txt"
    )


def zipped(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("_", "."), text)
    return out.getvalue()


def test_an_uploaded_article_answers_and_a_deleted_one_does_not(server: Server) -> None:
    files = [
        (
            "files",
            (
                "../../etc/harbour.txt",
                b"The harbour of Latakia received 31 ships in October, its director said.",
            ),
        ),
        ("files", ("two.zip", zipped(a_txt="The lake of Homs froze for nine days in January.", b_exe="MZ"))),
        ("files", ("empty.txt", b"")),
    ]
    verdicts = httpx.post(f"{server.url}/v1/articles", files=files, timeout=60).json()["data"]
    outcomes = {row["source"]: row["outcome"] for row in verdicts}
    assert outcomes["harbour.txt"] == "added" and outcomes["two.zip!a.txt"] == "added"
    assert outcomes["empty.txt"] == "refused"
    assert all(row["reason"] for row in verdicts if row["outcome"] == "refused")
    question = "How many ships did the harbour of Latakia receive?"
    assert "31" in ask(server, question).json()["choices"][0]["message"]["content"]
    part = httpx.delete(f"{server.url}/v1/articles/harb", timeout=60)
    assert part.status_code == 404 and "whole id or source" in part.json()["error"]["message"]
    gone = httpx.delete(f"{server.url}/v1/articles/harbour.txt", timeout=60).json()
    assert gone["deleted"] and gone["sources"] == ["harbour.txt"]
    after = ask(server, question).json()["sanad"]
    assert after["abstained"] and all(hit["source"] != "harbour.txt" for hit in after["hits"])
    assert httpx.delete(f"{server.url}/v1/articles/harbour.txt").status_code == 404


def test_too_large_an_upload_is_refused_whole(server: Server) -> None:
    files = [("files", ("big.txt", b"word " * 250_000))]
    response = httpx.post(f"{server.url}/v1/articles", files=files, timeout=60)
    assert response.status_code == 400 and "1 MB" in response.json()["error"]["message"]
    assert httpx.get(f"{server.url}/v1/articles").json()["total"] == 3


def test_files_of_which_none_is_read_are_a_422(server: Server) -> None:
    response = httpx.post(f"{server.url}/v1/articles", files=[("files", ("x.bin", b"\x00\x01"))], timeout=60)
    assert response.status_code == 422 and response.json()["data"][0]["outcome"] == "refused"


def test_the_openai_client_asks_streams_and_lists(server: Server) -> None:
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)
    with client:
        assert [model.id for model in client.models.list()] == ["sanad"]
        messages = [{"role": "user", "content": BRIDGE}]
        whole = client.chat.completions.create(model="sanad", messages=messages, temperature=0.2)
        assert "812" in whole.choices[0].message.content
        assert whole.model_extra["sanad"]["citations"][0]["source"] == "bridge.txt"
        told, last = "", None
        for chunk in client.chat.completions.create(model="sanad", messages=messages, stream=True):
            told += chunk.choices[0].delta.content or ""
            last = chunk
        assert told == whole.choices[0].message.content and last is not None
        assert last.model_extra["sanad"]["answer"] == told
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="other", messages=messages)
        with pytest.raises(openai.BadRequestError, match="empty"):
            client.chat.completions.create(model="sanad", messages=[{"role": "user", "content": "?"}])


def test_a_slow_model_delays_nothing_else_and_stops_when_its_asker_leaves(tmp_path: Path) -> None:
    slow = Slow("was opened on Monday [1].")
    with answering(tmp_path, generator=slow) as pipeline, Server(api_of(pipeline)) as server:
        body = {"model": "sanad", "stream": True, "messages": [{"role": "user", "content": BRIDGE}]}
        with httpx.stream("POST", f"{server.url}/v1/chat/completions", json=body, timeout=30) as response:
            lines = response.iter_lines()
            while "The bridge" not in next(lines):
                pass
            assert httpx.get(f"{server.url}/health", timeout=10).json() == {"status": "ok"}
            assert httpx.get(f"{server.url}/v1/articles", timeout=10).json()["total"] == 3
            assert not slow.closed.is_set()
        time.sleep(0.2)  # the server notices at its next look
        slow.go_on.set()
        assert slow.closed.wait(10)


def test_an_answer_that_code_withdraws_is_withdrawn_in_the_stream_too(tmp_path: Path) -> None:
    lies = ScriptedGenerator("Zebras rule the moon since 1999 [1].")
    with answering(tmp_path, generator=lies) as pipeline, Server(api_of(pipeline)) as server:
        chunks = events(ask(server, BRIDGE, stream=True))
    told = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks)
    assert told.endswith(ABSTENTION["en"]) and chunks[-1]["sanad"]["abstained"]


def test_exchanges_become_history() -> None:
    said = [("user", "a"), ("user", "b"), ("assistant", "c [12]."), ("assistant", "d"), ("user", "e")]
    question, turns = asked([ApiMessage(role=role, content=text) for role, text in said])  # type: ignore[arg-type]
    assert (question, turns) == ("e", (Turn("b", "c."),))


def test_each_error_has_its_status() -> None:
    statuses = [status_of(e("x")) for e in (InputError, IndexLocked, IndexDamaged, ModelError)]
    assert statuses == [400, 503, 500, 502]


def test_mending_adds_only_what_is_missing() -> None:
    answer = Answer("q", "q", "en", "No.", (), (), (), True, "llama", {})
    assert mend("", answer) == "No."
    assert mend("No.", answer) == ""
    assert mend("Yes.", answer) == "\n\nNo."
