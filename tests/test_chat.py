"""The chat between pipeline and page, and what guards the server."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chat.guard import Rules, allowed, names_address, refusal, with_nonce
from rag.chat.render import Exchange
from rag.chat.server import main, rules_for
from rag.chat.talk import FAULT, REMEMBERED, ask, history, opened, stopped
from rag.config import Config
from rag.errors import InputError, ModelError
from rag.types import Filter
from tests.chat_fakes import abstained, two_articles

LOCAL = rules_for(Config(), None)
HOME = {"host": "127.0.0.1:7860"}


# ------------------------------------------------------------------ talking


def test_an_answer_grows_and_ends_whole() -> None:
    steps = list(ask(two_articles(), "Who met?", ()))
    assert steps[0] == (Exchange("Who met?"),)
    assert steps[-1][0].answer is not None and steps[-1][0].told == ""
    assert all(step[0].answer is None for step in steps[:-1])


def test_a_follow_up_is_asked_with_what_was_answered_before() -> None:
    pipeline = two_articles()
    *_, first = ask(pipeline, "Who met?", ())
    where = Filter(sources=("water.txt",))
    *_, _ = ask(pipeline, "And where?", (*first, Exchange("stopped", told="half")), where)
    question, turns, used = pipeline.asked[-1]
    assert (question, used) == ("And where?", where)
    assert [turn.question for turn in turns] == ["Who met?"]


def test_only_the_latest_exchanges_are_remembered() -> None:
    old = [Exchange(str(i), answer=abstained(str(i))) for i in range(20)]
    assert [turn.question for turn in history(old)] == [str(i) for i in range(20 - REMEMBERED, 20)]


def test_closing_the_conversation_closes_the_pipeline() -> None:
    pipeline = two_articles()
    steps = ask(pipeline, "Who met?", ())
    next(steps)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert pipeline.closed_early == 1


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        (ModelError("The server is silent. Start it."), "The server is silent. Start it."),
        (KeyError("secret"), FAULT),
    ],
)
def test_a_failure_ends_in_a_sentence_without_inner_words(fault: Exception, note: str) -> None:
    pipeline = two_articles()
    pipeline.fails_with = fault
    *_, last = ask(pipeline, "Who met?", ())
    assert last[-1].note == note and last[-1].answer is None


def test_stopping_marks_only_an_unfinished_answer() -> None:
    half = Exchange("q", told="The min")
    assert stopped((half,), "en")[0].note == "Stopped." and stopped((half,), "en")[0].told == "The min"
    *_, whole = ask(two_articles(), "Who met?", ())
    assert stopped(whole, "en") == whole
    assert stopped((), "en") == ()


def test_a_chip_opens_its_article_at_the_cited_span() -> None:
    pipeline = two_articles()
    *_, said = ask(pipeline, "Who met?", ())
    page = opened(pipeline, said, "0:c1", "en")
    assert "water.txt" in page and 'id="sanad-cited"' in page and "<mark>NATO envoys</mark>" in page


@pytest.mark.parametrize(
    "place", ["", "0", "0:c2", "7:c1", "0:h9", "-1:c1", "0:cx", "0:", "²:c1", "0:c²", "x" * 9999]
)
def test_a_place_that_names_nothing_opens_nothing(place: str) -> None:
    pipeline = two_articles()
    *_, said = ask(pipeline, "Who met?", ())
    assert "sanad-empty" in opened(pipeline, said, place, "en")


def test_an_article_deleted_meanwhile_says_so() -> None:
    pipeline = two_articles()
    *_, said = ask(pipeline, "Who met?", ())
    pipeline.remove(["water.txt"])
    assert "no longer" in opened(pipeline, said, "0:c1", "en")


# ------------------------------------------------------------------ guarding


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://169.254.169.254/x", "/gradio_api/file=HTTPS://evil.example", "/file=//evil.example/x",
        "/gradio_api/file=%68ttp://evil.example", "/gradio_api/file=ftp://evil.example/a", "/gradio_api/proxy=http://a",
        "/gradio_api/proxy=https%3A//a", "/monitoring", "/monitoring/summary", "/gradio_api/monitoring",
        "/gradio_api/file/http://a.example",
    ],
)  # fmt: skip
def test_routes_that_fetch_or_watch_are_closed(path: str) -> None:
    assert (refusal("GET", path, HOME, LOCAL) or (0,))[0] == 403


@pytest.mark.parametrize(
    "path", ["/", "/gradio_api/queue/data", "/v1/articles", "/assets/index.js", "/config"]
)
def test_the_routes_of_the_page_are_open(path: str) -> None:
    assert refusal("GET", path, HOME, LOCAL) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:7860"]
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    assert (refusal("GET", "/", {"host": host}, LOCAL) or (0,))[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "[::1]:7860", "LOCALHOST:80"])
def test_the_names_of_this_machine_are_accepted(host: str) -> None:
    assert refusal("GET", "/", {"host": host}, LOCAL) is None


def test_another_site_cannot_post() -> None:
    headers = {**HOME, "origin": "https://evil.example"}
    assert (refusal("POST", "/v1/articles", headers, LOCAL) or (0,))[0] == 403
    assert refusal("POST", "/v1/articles", {**HOME, "origin": "http://127.0.0.1:7860"}, LOCAL) is None
    assert (refusal("POST", "/v1/articles", {**HOME, "origin": "null"}, LOCAL) or (0,))[0] == 403


def test_a_request_that_is_too_large_is_refused() -> None:
    rules = Rules(("127.0.0.1",), None, 1_000)
    assert (refusal("POST", "/v1/articles", {**HOME, "content-length": "1001"}, rules) or (0,))[0] == 413
    assert refusal("POST", "/v1/articles", {**HOME, "content-length": "1000"}, rules) is None


def test_a_password_is_asked_of_everything_but_health() -> None:
    rules = Rules((), "s3cret:x", 1_000)
    basic = base64.b64encode(b"anyone:s3cret:x").decode()
    for told in (f"Basic {basic}", "Bearer s3cret:x"):
        assert refusal("GET", "/", {"authorization": told}, rules) is None
    for told in ("", "Basic", "Basic !!!", "Bearer wrong", "Bearer ", "Digest s3cret:x", "s3cret:x"):
        assert (refusal("GET", "/v1/models", {"authorization": told}, rules) or (0,))[0] == 401
    assert refusal("GET", "/health", {}, rules) is None


@given(st.text(max_size=30))
def test_no_other_text_is_the_password(told: str) -> None:
    assert allowed(f"Bearer {told}", "right-one") == (told.strip() == "right-one")


def test_a_call_that_names_an_address_is_seen() -> None:
    for value in ("http://a", "HTTPS://a", "//a", " ftp://a"):
        assert names_address(json.dumps({"data": [[{"path": value}]]}).encode())
        assert names_address(json.dumps({"data": [{"url": value}]}).encode())
    assert not names_address(json.dumps({"data": ["see http://a", {"path": "/tmp/x"}]}).encode())
    assert names_address(b"{not json") and names_address(b"[" * 5_000 + b"]" * 5_000)


def test_only_script_tags_get_the_nonce() -> None:
    page = with_nonce(b"<head><script>1</script><scripted></head>", "abc")
    assert page.startswith(b'<head><script nonce="abc">1</script><scripted>') and b"/sanad/page.js" in page


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_any_other_address_needs_a_password(host: str) -> None:
    with pytest.raises(InputError, match="SANAD_PASSWORD"):
        rules_for(Config(host=host), None)
    assert rules_for(Config(host=host), "word").password == "word"


def test_the_program_refuses_to_start_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SANAD_PASSWORD", raising=False)
    assert main(["--host", "0.0.0.0"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ") and told.count("\n") == 1 and "SANAD_PASSWORD" in told
