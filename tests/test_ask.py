"""The command line as a user meets it: output, exit status, refusals."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag import ask
from rag.ask import ABSTAINED, ANSWERED, SCHEMA, USAGE, main, plain

ROOT = Path(__file__).parent.parent
KEYS = {"schema", "question", "language", "answer", "abstained", "generator", "citations", "hits", "timings"}
CITATION = {"marker", "article_id", "source", "title", "date", "start", "end", "quote", "score"}


def run(index: Path, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RAG_INDEX": str(index), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-m", "rag.ask", *args], cwd=ROOT, env=environment, input=stdin,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_json_has_the_documented_keys(seeds_index: Path) -> None:
    done = run(seeds_index, "--json", "When will the Astana talks be held?")
    told = json.loads(done.stdout)
    assert told.keys() >= KEYS
    assert told["schema"] == SCHEMA
    assert done.returncode == (ABSTAINED if told["abstained"] else ANSWERED)
    for citation in told["citations"]:
        assert citation.keys() >= CITATION


def test_pipes_hold_no_control_characters(seeds_index: Path) -> None:
    done = run(seeds_index, "متى تجرى مفاوضات أستانا؟", "--explain")
    assert done.returncode == ANSWERED
    assert not [c for c in done.stdout if ord(c) < 32 and c != "\n"]
    assert not any(mark in done.stdout for mark in "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\x1b")
    assert "[1]" in done.stdout


def test_quotes_are_told_word_by_word_where_asked_for(seeds_index: Path) -> None:
    done = run(seeds_index, "Who are the guarantors?", "--gloss")
    told = [line for line in done.stdout.splitlines() if line.startswith("    word by word: ")]
    assert done.returncode == ANSWERED and told
    assert "guarantors" in told[0] and "Russia and Turkey and Iran" in told[0]
    assert "word by word" not in run(seeds_index, "Who are the guarantors?").stdout
    assert "word by word" not in run(seeds_index, "من هي الدول الضامنة؟", "--gloss").stdout


def test_an_unanswerable_question_exits_with_3(seeds_index: Path) -> None:
    done = run(seeds_index, "What is the capital city of Australia?")
    assert done.returncode == ABSTAINED
    assert "Nearest passages" in done.stdout


def test_questions_on_standard_input_get_a_line_each(seeds_index: Path) -> None:
    done = run(seeds_index, "-", stdin="من هو وزير الخارجية الروسي؟\n\nhello\n")
    assert len(done.stdout.splitlines()) == 2
    assert done.returncode == ANSWERED


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "Ask something"),
        (["   "], "Ask something"),
        (["\x1b[31m\x07"], "empty"),
        (["x" * 100_000], "2,000"),
        (["q", "--passages", "0"], "--passages 0"),
        (["q", "--articles", "nowhere"], "nowhere"),
        (["q", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    args: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    seeds_index: Path,
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    assert main(args) == USAGE
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) == 1


def test_articles_anywhere_can_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mayor.txt").write_text(
        "The mayor of Larnova, Petra Holm, opened the new bridge on 3 May 2021.\n\nIt cost 12 million crowns.",
        "utf-8",
    )
    status = main(["Who opened the new bridge?", "--articles", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert status in (ANSWERED, ABSTAINED)
    assert told["hits"][0]["source"] == "mayor.txt"


def test_an_article_is_printed_whole(seeds_index: Path) -> None:
    done = run(seeds_index, "--article", "004")
    assert done.returncode == ANSWERED
    assert "زاخاروفا" in done.stdout


def test_light_imports_only() -> None:
    heavy = "{'torch', 'transformers', 'gradio', 'sentence_transformers', 'llama_cpp', 'numpy', 'onnxruntime', 'faiss'}"
    code = f"import sys, rag.ask; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_answering_imports_no_heavy_library(seeds_index: Path) -> None:
    code = (
        "import sys; from rag.ask import main; main(['من هو بوتين؟']); "
        "print({'torch', 'transformers', 'gradio', 'sentence_transformers', 'llama_cpp'} & set(sys.modules))"
    )
    environment = {**os.environ, "RAG_INDEX": str(seeds_index)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "set()"


def test_no_socket_is_opened(seeds_index: Path) -> None:
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('a socket was opened')\n"
        "socket.socket = refuse; socket.create_connection = refuse; socket.getaddrinfo = refuse\n"
        "from rag.ask import main; raise SystemExit(main(['متى تجرى مفاوضات أستانا؟']))"
    )
    environment = {**os.environ, "RAG_INDEX": str(seeds_index)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == ANSWERED, done.stderr


def test_escape_codes_of_articles_do_not_reach_a_terminal() -> None:
    assert plain("a\x1b[31mb\u202ec\x9bd") == "a[31mbcd"


def test_answering_words_are_coloured_on_a_terminal(
    seeds_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    args = ask.parser().parse_args(["متى تجرى مفاوضات أستانا؟", "--index", str(seeds_index)])
    assert ask.run(args, io.StringIO(), out, io.StringIO()) == ANSWERED
    assert "\x1b[1;32m" in out.getvalue()
