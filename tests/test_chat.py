"""The chat between pipeline and page, and what guards the server."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chat.conversations import Conversations
from rag.chat.guard import Rules, allowed, names_address, refusal, with_nonce
from rag.chat.inside import evaluation_html
from rag.chat.server import main, rules_for
from rag.chat.talk import Step, Talk, where
from rag.config import Config
from rag.errors import InputError, ModelError
from rag.types import Filter
from tests.chat_fakes import ScriptedPipeline, two_articles

LOCAL = rules_for(Config(), None)
HOME = {"host": "127.0.0.1:7860"}


# ------------------------------------------------------------------ talking


def talking(pipeline: ScriptedPipeline, folder: Path) -> Talk:
    return Talk(pipeline, Conversations(folder))


async def steps(talk: Talk, who: str, id: str, question: str, where: Filter = Filter()) -> list[Step]:
    return [step async for step in talk.ask(who, id, question, where, "en")]


def said(talk: Talk, id: str) -> list[tuple[str, str, str]]:
    return [(t.question, t.text, t.state) for t in talk.kept.turns("me", id)]


def test_an_answer_grows_and_is_kept_whole(tmp_path: Path) -> None:
    talk = talking(two_articles(), tmp_path)
    told = asyncio.run(steps(talk, "me", "", "Who met?"))
    assert [step.done for step in told] == [False] * (len(told) - 1) + [True]
    assert said(talk, told[-1].conversation) == [("Who met?", "NATO envoys [1].", "done")]
    assert "<mark>NATO envoys</mark>" in talk.transcript("me", told[-1].conversation, "en")


def test_a_follow_up_is_asked_with_what_was_answered_before_and_the_filter(tmp_path: Path) -> None:
    pipeline = two_articles()
    talk = talking(pipeline, tmp_path)
    where = Filter(article_ids=("a",))
    id = asyncio.run(steps(talk, "me", "", "Who met?"))[-1].conversation
    asyncio.run(steps(talk, "me", id, "And where?", where))
    question, turns, used = pipeline.asked[-1]
    assert (question, used) == ("And where?", where)
    assert [(turn.question, turn.answer) for turn in turns] == [("Who met?", "NATO envoys [1].")]


@pytest.mark.parametrize("fault", [ModelError("The server is silent. Start it."), KeyError("secret")])
def test_a_failure_ends_in_a_sentence_without_inner_words(fault: Exception, tmp_path: Path) -> None:
    pipeline = two_articles()
    pipeline.fails_with = fault
    talk = talking(pipeline, tmp_path)
    id = asyncio.run(steps(talk, "me", "", "Who met?"))[-1].conversation
    ((_, text, state),) = said(talk, id)
    assert state == "failed" and text.endswith(".") and "secret" not in text
    assert 'role="alert"' in talk.transcript("me", id, "en")


def test_what_was_stopped_is_kept_as_such_and_is_no_history(tmp_path: Path) -> None:
    async def halfway(talk: Talk) -> str:
        found = talk.ask("me", "", "Who met?", Filter(), "en")
        id = (await anext(found)).conversation
        talk.stop(id)
        async for _ in found:
            pass
        return id

    pipeline = two_articles()
    talk = talking(pipeline, tmp_path)
    id = asyncio.run(halfway(talk))
    assert [(q, state) for q, _, state in said(talk, id)] == [("Who met?", "stopped")]
    asyncio.run(steps(talk, "me", id, "And?"))
    assert pipeline.asked[-1][1] == ()


def test_asking_again_takes_the_last_answer_away(tmp_path: Path) -> None:
    talk = talking(two_articles(), tmp_path)
    id = asyncio.run(steps(talk, "me", "", "Who met?"))[-1].conversation
    assert talk.again("me", id) == "Who met?" and said(talk, id) == []
    assert talk.again("me", id) == "" and talk.again("me", "") == ""


def test_nobody_reads_or_continues_the_conversation_of_another(tmp_path: Path) -> None:
    talk = talking(two_articles(), tmp_path)
    id = asyncio.run(steps(talk, "me", "", "Who met?"))[-1].conversation
    assert talk.kept.list("you") == ()
    for use in (
        lambda: talk.transcript("you", id, "en"),
        lambda: talk.again("you", id),
        lambda: talk.kept.delete("you", id),
        lambda: asyncio.run(steps(talk, "you", id, "Who met?")),
    ):
        with pytest.raises(InputError):
            use()
    assert len(said(talk, id)) == 1


def test_the_boxes_make_a_filter_and_dates_may_have_digits_of_either_kind() -> None:
    assert where(["a"], "ar", "٢٠١٦-١٢", " 2017 ") == Filter((), ("a",), "ar", "2016-12", "2017")
    assert where(None, "any", "", None) == Filter()
    with pytest.raises(InputError, match="is not a date"):
        where(None, None, "yesterday", None)


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
    assert page.startswith(b'<head><script nonce="abc">1</script><scripted>') and b"/ui/sanad.js" in page


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


def test_the_evaluation_page_shows_the_own_questions_though_a_public_set_was_run_later(
    tmp_path: Path,
) -> None:
    results = Path("eval/results")
    for name, made in (("own-test.json", "2026-01-01"), ("xquad-en-en.json", "2026-02-01")):
        run = {**json.loads((results / name).read_text("utf-8")), "made": made}
        (tmp_path / name).write_text(json.dumps(run), "utf-8")
    shown = evaluation_html("en", tmp_path)
    assert "own-test.json" in shown and 'class="bar"' in shown
    (tmp_path / "own-test.json").unlink()
    assert "xquad-en-en.json" in evaluation_html("en", tmp_path)
