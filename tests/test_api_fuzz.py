"""Whatever is sent to the API, it answers in its own shapes, and goes on answering."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.answering import answering
from tests.test_api import Server, api_of

CHECKED = (200, 400, 404, 405, 413, 422)

odd = st.text(max_size=40) | st.sampled_from(
    ["\x00", "\ud800", "٢٠١٨-١٢", "2018-99-99", "9999-12-31", "0000", "in December", "قبل يومين", "' OR 1 --", "%", "[1]" * 99]
)  # fmt: skip
value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd, inner, max_size=3),
    max_leaves=8,
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "sources": st.lists(odd, max_size=3) | value,
        "article_ids": st.lists(odd, max_size=3) | value,
        "language": st.sampled_from(["ar", "en", "other"]) | value,
        "since": st.from_regex(r"\A\d{4}(-\d{2}){0,2}\Z") | value,
        "until": st.from_regex(r"\A\d{4}(-\d{2}){0,2}\Z") | value,
    },
)
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system"]) | odd, "content": odd | value}
    ),
    max_size=3,
)
chats = st.fixed_dictionaries(
    {"messages": messages | value},
    optional={
        "model": st.just("sanad") | value,
        "stream": st.booleans() | value,
        "n": value,
        "sanad": st.fixed_dictionaries({}, optional={"filter": filters, "passages": st.integers(-1, 60)})
        | value,
    },
)
searches = st.fixed_dictionaries(
    {"question": odd | value}, optional={"k": st.integers(-1, 60) | value, "filter": filters | value}
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        answering(tmp_path_factory.mktemp("fuzz")) as pipeline,
        Server(api_of(pipeline)) as server,
        httpx.Client(base_url=server.url, timeout=30) as made,
    ):
        yield made


def assert_in_shape(response: httpx.Response) -> None:
    assert response.status_code in CHECKED, response.text
    if response.status_code >= 400:
        error = response.json()["error"]
        assert error["message"] and error["type"] == "invalid_request_error"


def encoded(body: Any) -> bytes:
    """As a careless program writes it: NaN and lone surrogates included."""
    return json.dumps(body).encode("utf-8", "surrogatepass")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["/v1/chat/completions", "/v1/search"]), chats | searches | value)
def test_any_json_is_answered_or_refused(client: httpx.Client, path: str, body: Any) -> None:
    assert_in_shape(client.post(path, content=encoded(body), headers={"content-type": "application/json"}))


@settings(max_examples=60, deadline=None)
@given(searches)
def test_nearly_right_searches_are_answered_or_refused(client: httpx.Client, body: Any) -> None:
    assert_in_shape(
        client.post("/v1/search", content=encoded(body), headers={"content-type": "application/json"})
    )


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_refused(client: httpx.Client, body: bytes) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        for path in ("/v1/search", "/v1/articles"):
            assert_in_shape(client.post(path, content=body, headers={"content-type": kind}))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["since", "until", "offset", "limit", "language", "other"]), odd, odd)
def test_any_address_is_answered_or_refused(client: httpx.Client, name: str, text: str, key: str) -> None:
    text, key = (part.encode("utf-8", "replace").decode() for part in (text, key))
    assert_in_shape(client.get("/v1/articles", params={name: text}))
    assert_in_shape(client.get(f"/v1/articles/{quote(key, safe='')}"))
    if key.strip("/. "):
        response = client.delete(f"/v1/articles/{quote('none ' + key, safe='')}")
        assert_in_shape(response)


def test_the_server_still_answers(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert len(client.get("/v1/articles").json()["data"]) == 3
