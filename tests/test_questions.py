"""The questions are sound: their quotes occur, their answers stand in them, the halves are balanced."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.evaluation.gold import locate, overlap, supports
from rag.evaluation.judge import gives, gives_any, occurs, words
from rag.evaluation.questions import Gold, Question, lint, read_questions
from rag.types import Span

ROOT = Path(__file__).parents[1]
ALL = read_questions(ROOT / "eval" / "questions.jsonl")
SEEDS = [q for q in ALL if q.id.startswith("seed-")]
MADE = [q for q in ALL if q.id.startswith("made-")]
FILES = [*(ROOT / "seeds").glob("*.txt"), *(ROOT / "eval" / "articles").glob("*-*.md")]
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FILES}


def test_the_questions_pass_the_lint() -> None:
    assert lint(ALL, TEXTS) == []
    assert len(ALL) == len(SEEDS) + len(MADE) >= 200
    assert 3 * sum(not q.answerable for q in ALL) >= len(ALL)


def test_a_story_of_the_invented_articles_lies_in_one_half() -> None:
    halves: dict[str, set[str]] = {}
    for question in MADE:
        for source in question.near:
            halves.setdefault(source.split("-", 1)[0], set()).add(question.split)
    assert halves.keys() == {"bridge", "chess", "port", "plant", "falcon", "observatory"}
    assert all(len(split) == 1 for split in halves.values())


def test_every_invented_article_is_asked_about() -> None:
    asked = {source for question in MADE for source in question.near}
    assert {path.name for path in FILES if path.suffix == ".md"} - asked == set()


def test_all_four_directions_are_asked() -> None:
    ends = {(q.language, source.removesuffix(".md")[-2:]) for q in MADE for source in q.sources}
    assert ends == {("ar", "ar"), ("ar", "en"), ("en", "ar"), ("en", "en")}


def test_there_are_a_hundred_and_more_on_the_seeds_half_of_them_in_each_language() -> None:
    by_language = Counter(q.language for q in SEEDS)
    assert len(SEEDS) >= 100
    assert by_language["ar"] == by_language["en"]


def test_a_third_is_unanswerable_and_nearly_so_in_each_language_and_half() -> None:
    assert 3 * sum(not q.answerable for q in SEEDS) >= len(SEEDS)
    for language in ("ar", "en"):
        for split in ("dev", "test"):
            cell = [q.answerable for q in SEEDS if q.language == language and q.split == split]
            assert 0.3 <= cell.count(False) / len(cell) <= 0.4


def test_every_kind_is_asked_in_both_halves() -> None:
    kinds = {split: Counter(q.kind for q in SEEDS if q.split == split) for split in ("dev", "test")}
    assert set(kinds["dev"]) == set(kinds["test"])
    assert len(kinds["dev"]) == 13
    for kind in kinds["dev"]:
        assert abs(kinds["dev"][kind] - kinds["test"][kind]) <= 3


def test_translations_of_one_question_lie_in_the_same_half() -> None:
    halves: dict[str, set[str]] = {}
    for question in SEEDS:
        halves.setdefault(question.id.rsplit("-", 1)[0], set()).add(question.split)
    assert all(len(split) == 1 for split in halves.values())


def _question(**changes: object) -> Question:
    plain = Question(
        "x",
        "Where?",
        "en",
        "where",
        "dev",
        True,
        (Gold("a", "the talks are in Astana"),),
        {"en": ("Astana",)},
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"id": 5}, {"answers": {"en": "Russia"}}, {"answerable": "false"}])
def test_fields_of_another_type_are_named_with_their_line(tmp_path: Path, change: dict[str, object]) -> None:
    row = {"id": "x-en", "question": "Where?", "language": "en", "kind": "where", "split": "dev", "answerable": True,
           "gold": [{"source": "a", "quote": "b"}], "answers": {"en": ["b"]}}  # fmt: skip
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=rf"line 2, .*{next(iter(change))}"):
        read_questions(path)


@pytest.mark.parametrize(
    ("question", "text", "fault"),
    [
        (_question(), "No such words.", "occurs 0 times"),
        (_question(), "The talks are in Astana. Yes, the talks are in Astana.", "occurs 2 times"),
        (_question(answers={"en": ("Geneva",)}), "The talks are in Astana.", "does not stand in a quote"),
        (_question(renderings=("Astana",)), "The talks are in Astana.", "stands in a quote"),
        (_question(gold=()), "The talks are in Astana.", "must go with gold"),
        (_question(answerable=False, gold=(), answers={}), "The talks are in Astana.", "trap"),
        (_question(gold=(Gold("b", "x"),)), "The talks are in Astana.", "no article b"),
    ],
)
def test_the_lint_finds_each_fault(question: Question, text: str, fault: str) -> None:
    assert any(fault in found for found in lint([question], {"a": text}))


def test_the_lint_accepts_a_sound_question_and_refuses_its_twin() -> None:
    texts = {"a": "The talks are in Astana."}
    assert lint([_question()], texts) == []
    assert lint([_question(), _question()], texts) == ["x: the id is used 2 times"]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(json.dumps({"id": "x"}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_questions(file)
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="no questions"):
        read_questions(file)


def test_quotes_are_found_whatever_lies_between_their_letters() -> None:
    text = "قال:\u00a0«توصُّل\u200f  الحكومة»."
    (place,) = locate("توصّل الحكومة", text)
    assert text[place.start : place.end] == "توصُّل\u200f  الحكومة"
    assert locate("", text) == ()
    assert locate("62", "٦٢ and 62") == (Span(0, 2), Span(7, 9))


def test_a_citation_supports_gold_when_it_holds_most_of_the_shorter() -> None:
    assert supports(Span(0, 100), Span(40, 60))
    assert supports(Span(45, 55), Span(40, 60))
    assert not supports(Span(0, 45), Span(40, 60))
    assert not supports(Span(0, 0), Span(0, 0))
    assert overlap(Span(0, 5), Span(5, 9)) == 0


@pytest.mark.parametrize(
    ("phrase", "text", "there"),
    [
        ("أستانا", "تجري في أستانا.", True),
        ("تركيا", "روسيا وتركيا وإيران", True),
        ("الأربعاء", "ليل امس الأربعاء.توصلت تركيا", True),
        ("الأحياء", "من تنظيف للأحياء", True),
        ("دولة", "دولتين", False),
        ("62,000", "62000 fighters", True),
        ("٦٢ ألف", "62 ألف مقاتل", True),
        ("Ahrar al-Sham", "Ahrar ash-Sham [1] said", True),
        ("art", "a party", False),
        ("no", "There is no more", False),
        ("no", "No, it is not.", True),
        ("نعم", "نعم، وافقت", True),
        ("Zenki|Zinki", "the Zinki group", True),
        ("", "anything", False),
        ("Astana", "", False),
        ("1", "Russia [1].", False),
    ],
)
def test_occurs(phrase: str, text: str, there: bool) -> None:
    assert occurs(phrase, text) is there


def test_a_list_needs_all_of_its_members() -> None:
    assert gives(["Russia", "Turkey"], "Turkey and Russia")
    assert not gives(["Russia", "Turkey"], "Russia only")
    assert gives_any(["three", ["Russia", "Turkey"]], "three of them")
    assert not gives_any([], "three of them")


def test_words_are_folded() -> None:
    assert words("The [2] أَسْتَانَة، ١٢٫٥ % al-Bab") == ["استانه", "12.5", "bab"]
