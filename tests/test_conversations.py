"""Conversations kept, exported and judged; who asks; what an uploaded file may be called."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chat import export, feedback, library
from rag.chat.askers import COOKIE, Askers, asker
from rag.chat.conversations import Conversations, asker_of, history
from rag.chat.shown import Near, Shown, from_json, to_json
from rag.errors import InputError
from rag.evaluation.questions import lint, read_questions
from rag.types import Citation, Sentence, Span

CITED = Citation(
    1, "a1", "جسر.txt", "جسر قطنا", "2016-12-31", 10, 31, "كلف الجسر 40 مليونا.", 0.9, (Span(14, 19),), "the bridge", ("b.txt",)
)  # fmt: skip
TURN = Shown(
    "What did it cost?", "What did the bridge cost?", "en", "40 million [1]. Zebras.",
    (Sentence("40 million [1].", (1,)), Sentence("Zebras.", (), False, "not in the passage")),
    (CITED,), (Near("a1", "s", "t", None, 0, 3, "abc"),), False, "reader", 0.25, at="2026-01-01T00:00:00+00:00",
)  # fmt: skip
texts = st.text(st.characters(codec="utf-8"), max_size=60)


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path)


def test_what_was_said_comes_back_after_the_program_ended(tmp_path: Path) -> None:
    first = Conversations(tmp_path)
    id = first.start("me", "  The bridge\u202e \n ").id
    assert [first.add("me", id, TURN), first.add("me", id, replace(TURN, text="x"))] == [0, 1]
    again = Conversations(tmp_path)
    assert [c.name for c in again.list("me")] == ["The bridge"]
    assert again.turns("me", id)[0] == TURN


def test_nobody_sees_touches_or_counts_what_another_asked(kept: Conversations) -> None:
    id = kept.start("me", "mine").id
    kept.add("me", id, TURN)
    assert kept.list("you") == ()
    for act in (
        lambda: kept.get("you", id), lambda: kept.turns("you", id), lambda: kept.rename("you", id, "x"),
        lambda: kept.add("you", id, TURN), lambda: kept.drop_last("you", id), lambda: kept.delete("you", id),
        lambda: kept.thumb("you", id, 0, "up"),
    ):  # fmt: skip
        with pytest.raises(InputError, match="no such conversation"):
            act()
    assert kept.turns("me", id) == (TURN,)


def test_what_is_deleted_is_nowhere_in_the_file(kept: Conversations) -> None:
    id = kept.start("me", "quetzalcoatl").id
    kept.add("me", id, replace(TURN, text="quetzalcoatl " * 400))
    other = kept.start("me", "stays").id
    kept.delete("me", id)
    assert [c.id for c in kept.list("me")] == [other]
    assert all(b"quetzalcoatl" not in path.read_bytes() for path in kept.folder.iterdir())


def test_the_last_changed_conversation_comes_first(kept: Conversations) -> None:
    old, new = kept.start("me", "old").id, kept.start("me", "new").id
    kept.add("me", old, replace(TURN, at="later"))
    with sqlite3.connect(kept.folder / "conversations.db") as db:
        db.execute("UPDATE conversations SET changed = '2020' WHERE id = ?", (new,))
    db.close()
    assert [c.id for c in kept.list("me")] == [old, new]


def test_the_last_exchange_is_taken_away_to_be_asked_again(kept: Conversations) -> None:
    id = kept.start("me", "x").id
    assert kept.drop_last("me", id) is None
    kept.add("me", id, TURN)
    assert kept.drop_last("me", id) == TURN and kept.turns("me", id) == ()


def test_only_what_was_answered_is_history() -> None:
    turns = (TURN, replace(TURN, state="stopped"), replace(TURN, state="failed"))
    assert [turn.answer for turn in history(turns)] == [TURN.text]


@given(texts, texts, texts)
def test_any_exchange_survives_json(question: str, text: str, reason: str) -> None:
    turn = replace(TURN, question=question, text=text, sentences=(Sentence(text, (), False, reason),))
    assert from_json(json.loads(json.dumps(to_json(turn)))) == turn


# ------------------------------------------------------------------ exports


def test_an_export_holds_answers_citations_and_offsets(kept: Conversations) -> None:
    named = kept.start("me", "Costs")
    value = json.loads(export.as_json(named, [TURN]))
    assert value["schema"] == export.SCHEMA and value["name"] == "Costs"
    assert (value["turns"][0]["citations"][0]["start"], value["turns"][0]["citations"][0]["end"]) == (10, 31)
    page = export.as_markdown(named, [TURN])
    assert "## What did it cost?" in page and "> كلف الجسر 40 مليونا." in page and "the bridge" in page
    assert "2016\\-12\\-31" in page and "10–31" in page and "(not in the passage)" in page and "b.txt" in page


@given(texts)
def test_no_text_becomes_markdown_of_its_own(text: str) -> None:
    shown = export.plain(text)
    bare = re.sub(r"\\.", "", shown)
    assert not re.search(r"[`*_{}\[\]<>#|~]", bare)
    assert not re.search(r"(?i)\b(https?|javascript):", shown)
    assert not re.search(r"[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069]", shown)


# ------------------------------------------------------------------ thumbs


def test_a_good_answer_is_a_question_that_the_evaluation_reads(kept: Conversations) -> None:
    id = kept.start("me", "x").id
    kept.add("me", id, TURN)
    turn = kept.thumb("me", id, 0, "up")
    feedback.keep(kept.folder, turn, f"{id}:0", "")
    feedback.keep(kept.folder, turn, f"{id}:0", "  well\x1b[2J said ")
    feedback.keep(kept.folder, replace(turn, thumb="down"), f"{id}:1")
    file = kept.folder / "feedback.jsonl"
    good, bad = read_questions(file)
    assert good.question == "What did the bridge cost?" and good.gold[0].quote == CITED.quote
    assert good.answers == {"en": ("40 million",), "ar": ("الجسر",)}
    assert lint([good], {CITED.source: f"قيل: {CITED.quote} انتهى."}) == []
    assert bad.gold == () and bad.answerable
    assert kept.turns("me", id)[0].thumb == "up"
    assert json.loads(file.read_text().split("\n")[0])["remark"] == "well[2J said"
    assert file.stat().st_mode & 0o077 == 0


def test_a_thumb_taken_back_leaves_the_file(kept: Conversations) -> None:
    feedback.keep(kept.folder, replace(TURN, thumb="up"), "a:0")
    feedback.keep(kept.folder, replace(TURN, thumb="down"), "b:0")
    feedback.keep(kept.folder, replace(TURN, thumb=""), "a:0")
    lines = (kept.folder / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["thumb"] for line in lines] == ["down"]


def test_lines_that_json_breaks_nowhere_and_broken_ones_stay(kept: Conversations) -> None:
    odd = replace(TURN, thumb="up", text="It is so.\u2028Really.\x85")
    feedback.keep(kept.folder, odd, "a:0")
    file = kept.folder / "feedback.jsonl"
    file.write_text(file.read_text(encoding="utf-8") + "half a li", encoding="utf-8")
    feedback.keep(kept.folder, replace(TURN, thumb="down"), "b:0")
    lines = file.read_text(encoding="utf-8").split("\n")
    assert [json.loads(lines[i])["thumb"] for i in (0, 2)] == ["up", "down"]
    assert lines[1] == "half a li"


def test_a_thumb_is_up_or_down_on_an_answer_that_is_there(kept: Conversations) -> None:
    id = kept.start("me", "x").id
    with pytest.raises(InputError, match="up or down"):
        kept.thumb("me", id, 0, "sideways")
    with pytest.raises(InputError, match="no such answer"):
        kept.thumb("me", id, 0, "up")


# ------------------------------------------------------------------ who asks


def test_an_asker_is_known_by_a_whole_secret_alone() -> None:
    secret = "0123456789abcdef" * 3
    assert asker({COOKIE: secret}) == asker_of(secret) != secret
    for other in (
        {},
        {COOKIE: ""},
        {COOKIE: secret[:-1]},
        {COOKIE: secret + "0"},
        {COOKIE: secret[:-1] + "z"},
    ):
        with pytest.raises(InputError, match="cookie"):
            asker(other)


def headers_of(kind: bytes, sent: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    told: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})

    async def send(message: Any) -> None:
        told.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    asyncio.run(Askers(app)({"type": "http", "headers": sent}, receive, send))
    return dict(told[0]["headers"])


def test_a_page_gives_its_asker_one_secret_that_no_script_and_no_other_site_gets() -> None:
    cookie = headers_of(b"text/html; charset=utf-8", [])[b"set-cookie"].decode()
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert b"set-cookie" not in headers_of(b"application/json", [])
    secret = cookie.split(";")[0].encode()
    assert b"set-cookie" not in headers_of(b"text/html", [(b"cookie", secret)])
    assert b"set-cookie" in headers_of(b"text/html", [(b"cookie", b"sanad_asker=guessed")])


# ------------------------------------------------------------------ uploads


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\temp\\مقال.txt", "مقال.txt"), ("a\x00b\u202ctxt.txt", "a_b_txt.txt"),
        (".hidden.txt", "hidden.txt"), ("x.zip!y.txt", "x.zip_y.txt"), ("a b.pdf", "a b.pdf"),
    ],
)  # fmt: skip
def test_a_file_keeps_the_last_part_of_its_name(told: str, stored: str) -> None:
    assert library.safe_name(told) == stored


@pytest.mark.parametrize(
    "told", ["", "..", "/", "...txt"[:3], "a" * 300 + ".txt", "؟؟.txt", "م" * 150 + ".txt"]
)
def test_a_name_that_cannot_be_stored_is_refused(told: str) -> None:
    with pytest.raises(InputError):
        library.safe_name(told)


@given(st.text(max_size=80))
def test_no_name_leaves_its_folder(told: str) -> None:
    try:
        name = library.safe_name(told)
    except InputError:
        return
    assert name == Path(name).name and not name.startswith(".") and "!" not in name


def test_a_file_that_goes_on_for_ever_is_cut_at_the_limit() -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            Endless.read_bytes += size
            return b"x" * size

    with pytest.raises(InputError, match="1 MB"):
        library.add(None, [("a.txt", Endless())], 1_000_000)  # type: ignore[arg-type, list-item]
    assert Endless.read_bytes <= 1_000_001
