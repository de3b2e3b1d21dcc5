"""Questions written for the training: their file, and where their answers are found."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from pathlib import Path

import pytest

from train.asked import ASKED, articles, examples, found_in, span_of
from train.data import kept_for_calibration

LINE = re.compile(
    r"(antcorpus|aqad|squad)\t\d+\t\d+-\d+\t[^\t]*[A-Za-z][^\t]*\t[^\t]*[\u0620-\u064a][^\t]*\t(-|\d+-\d+)"
)


def test_every_line_names_a_passage_two_questions_and_an_answer_inside() -> None:
    head, *lines = ASKED.read_text(encoding="utf-8").splitlines()
    assert head.startswith("#")
    answered: Counter[bool] = Counter()
    for line in lines:
        assert LINE.fullmatch(line), line
        _, _, place, _, _, answer = line.split("\t")
        start, end = map(int, place.split("-"))
        assert start < end
        answered[answer != "-"] += 1
        if answer != "-":
            first, last = map(int, answer.split("-"))
            assert start <= first < last <= end, line
    assert answered[False] > 0.2 * answered.total()
    assert len(set(lines)) == len(lines)


def test_a_passage_is_found_whatever_its_white_space() -> None:
    assert found_in("a\n b  c d", "b c") == (3, 7)
    assert found_in("a (b) c", "(b)") == (2, 5)
    assert found_in("a b", "x") is None


@pytest.mark.parametrize(
    ("passage", "answer", "question", "told"),
    [
        ("زار الوزير دمشق", "دمشق", "أين كان الوزير؟", (11, 15)),
        ("وصل بدمشق", "دمشق", "أين؟", (5, 9)),  # a particle in front
        ("وصل بـ72 بالمائة", "72 بالمائة", "كم؟", (6, 16)),
        ("الدمشقي وحده", "دمشق", "أين؟", None),  # no whole word
        ("no such words", "other", "What?", None),
        ("no such words", "", "What?", None),
    ],
)
def test_an_answer_is_found_as_whole_words(
    passage: str, answer: str, question: str, told: tuple[int, int] | None
) -> None:
    assert span_of(passage, answer, question) == told


def test_of_several_places_that_among_the_question_s_words_is_meant() -> None:
    passage = (
        "Paris is old."
        + " It rained for days and nights without any end." * 6
        + " The treaty was signed in Paris."
    )
    assert span_of(passage, "Paris", "Where was the treaty signed?") == (len(passage) - 6, len(passage) - 1)


def test_questions_come_with_their_passage_and_articles_are_kept_out(tmp_path: Path) -> None:
    texts = [f"العنوان {n}. زار الوزير دمشق يوم {n}. انتهى." for n in range(40)]
    for name, field in (
        ("news/antcorpus.ar", "content"),
        ("aqad/aqad-v1.0", "context"),
        ("squad/squad-v1.1-train", "context"),
    ):
        path = tmp_path / f"{name}.jsonl.xz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with lzma.open(path, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps({field: text, "title": "T"}) + "\n" for text in texts)
    assert articles(tmp_path)["squad", 3] == (texts[3], "T")
    lines = ["# about"]
    for n, text in enumerate(texts):
        start, at = text.index("زار"), text.index("دمشق")
        lines.append(f"antcorpus\t{n}\t{start}-{len(text)}\tWhere did he go?\tأين ذهب؟\t{at}-{at + 4}")
        lines.append(f"antcorpus\t{n}\t{start}-{len(text)}\tWho died?\tمن مات؟\t-")
    (tmp_path / "asked.tsv").write_text("\n".join(lines), encoding="utf-8")
    trained = list(examples(tmp_path, path=tmp_path / "asked.tsv"))
    kept = list(examples(tmp_path, kept=True, path=tmp_path / "asked.tsv"))
    assert len(trained) + len(kept) == 80
    assert kept
    for english, arabic in trained:
        assert english.context == arabic.context
        assert not kept_for_calibration(english.source)
        assert english.context.startswith("زار")
        if english.start >= 0:
            assert english.context[english.start : english.end] == "دمشق"
        else:
            assert english.question == "Who died?"
    assert all(kept_for_calibration(english.source) for english, _ in kept)
