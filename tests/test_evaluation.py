"""The evaluation over a pipeline small enough to know what it must say."""

from __future__ import annotations

import json
import lzma
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Never

import pytest

from rag.config import Config
from rag.errors import InputError
from rag.evaluation import cli, figures, page, public, runner, runs, sets
from rag.evaluation.outcome import judge
from rag.evaluation.questions import Gold, Question, Side
from rag.types import (
    Answer,
    Article,
    Citation,
    Hit,
    Part,
    PartKind,
    Passage,
    Reading,
    ReadSpan,
    Sentence,
    Span,
    Turn,
)


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


class FirstWords:
    """A reader whose span is the passage's first two words."""

    id = "first-words"

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        readings = []
        for text in passages:
            said = " ".join(text.split()[:2])
            readings.append(Reading((ReadSpan(Span(0, len(said)), said, 1.0),), 1.0, 1.0))
        return readings


class WordPipeline:
    """Ranks whole articles by the words they share with the question, answers with the first one's
    first sentence, and abstains when no word is shared.
    """

    def __init__(self, paths: Sequence[Path], config: Config | None = None) -> None:
        self.reader = FirstWords()
        self.closed = False
        self._held: list[Article] = []
        for path in paths:
            for file in sorted(path.rglob("*.txt")) if path.is_dir() else [path]:
                text = file.read_text(encoding="utf-8")
                language = "ar" if any("\u0600" <= c <= "\u06ff" for c in text) else "en"
                part = Part(PartKind.BODY, Span(0, len(text)))
                self._held.append(
                    Article(f"id-{file.name}", file.name, "", text, language, None, (part,), "")  # type: ignore[arg-type]
                )

    def articles(self) -> tuple[Article, ...]:
        return tuple(self._held)

    def search(self, question: str, *, k: int = 10) -> tuple[Hit, ...]:
        scored = sorted(((len(words(question) & words(a.text)), a) for a in self._held), key=lambda p: -p[0])
        return tuple(
            Hit(
                Passage(n, a.id, 0, Span(0, len(a.text)), a.text, ()),
                a,
                float(score),
                relevance=min(1.0, score / 4),
            )
            for n, (score, a) in enumerate(scored[:k])
            if score
        )

    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer:
        hits = self.search(question)
        blank = Answer(question, question, "en", "Not said.", (), (), hits, True, "reader", {})
        if not hits:
            return blank
        article = hits[0].article
        end = article.text.index(".") + 1
        quote = article.text[:end]
        mark = Span(0, quote.index(" "))
        citation = Citation(1, article.id, article.source, "", None, 0, end, quote, 0.5, (mark,))
        text = f"{quote} [1]"
        return replace(
            blank, text=text, sentences=(Sentence(text, (1,)),), citations=(citation,), abstained=False
        )

    def remove(self, sources: Sequence[str]) -> object:
        missing = set(sources) - {article.source for article in self._held}
        assert not missing
        self._held = [article for article in self._held if article.source not in sources]
        return None

    def close(self) -> None:
        self.closed = True


def over(paths: Sequence[Path], config: Config) -> WordPipeline:
    return WordPipeline(paths, config)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "bridge.txt").write_text(
        "Samira Haddad opened the northern bridge. It cost nine million.", "utf-8"
    )
    (folder / "harbour.txt").write_text("The harbour closed on Monday. Ships wait outside.", "utf-8")
    (folder / "again.txt").write_text("The harbour closed on Tuesday. So says another paper.", "utf-8")
    return folder


def question(id_: str, text: str, source: str = "", quote: str = "", said: str = "", **more: Any) -> Question:
    gold = (Gold(source, quote),) if source else ()
    answers: dict[str, Any] = {"en": (said,)} if said else {}
    plain = Question(
        id_, text, "en", "who", "dev", bool(source), gold, answers, trap="" if source else "not said"
    )
    return replace(plain, **more)


RIGHT = question(
    "a-en", "Who opened the northern bridge?", "bridge.txt", "opened the northern bridge", "Samira Haddad"
)
WRONG = question(
    "b-en", "What did the northern bridge cost?", "bridge.txt", "It cost nine million", "nine million"
)
MISSED = question("c-en", "Hm?", "bridge.txt", "It cost nine million", "nine million")
SILENT = question("d-en", "Zzzz?")
INVENTED = question("e-en", "Who designed the northern bridge?", about=("bridge.txt",))
PREMISE = question(
    "f-en", "Why was the northern bridge never opened?", kind="false_premise",
    corrected_by=(Gold("bridge.txt", "Samira Haddad opened the northern bridge"),),
)  # fmt: skip
DIFFER = question(
    "g-en", "When was the harbour closed?", kind="differing", answerable=True,
    gold=(Gold("harbour.txt", "closed on Monday"), Gold("again.txt", "closed on Tuesday")),
    answers={"en": ("Monday", "Tuesday")},
    must_differ=(Side(("harbour.txt",), {"en": ("Monday",)}), Side(("again.txt",), {"en": ("Tuesday",)})),
)  # fmt: skip
ALL = [RIGHT, WRONG, MISSED, SILENT, INVENTED, PREMISE, DIFFER]


def outcomes(articles: Path) -> dict[str, Any]:
    return {o.question.id[0]: o for o in runner.run(WordPipeline([articles]), ALL)}


def test_every_verdict_is_told_from_the_others(articles: Path) -> None:
    found = {key: outcome.verdict for key, outcome in outcomes(articles).items()}
    assert list(found) == list("abcdefg")
    assert list(found.values()) == [
        "right", "wrong", "missed", "abstained", "hallucinated", "corrected", "right",
    ]  # fmt: skip


def test_citations_and_passages_are_held_against_the_gold_spans(articles: Path) -> None:
    found = outcomes(articles)
    assert (found["a"].precision, found["a"].recall, found["a"].coverage) == (1.0, 1.0, 1.0)
    assert (found["b"].precision, found["b"].recall) == (0.0, 0.0)
    assert found["b"].passages == 1.0
    assert (found["c"].precision, found["c"].passages, found["c"].articles) == (0.0, 0.0, 0.0)
    assert found["d"].precision is None
    assert (found["g"].precision, found["g"].recall, found["g"].coverage, found["g"].sides) == (
        1.0,
        0.5,
        0.5,
        0.5,
    )
    assert (found["g"].articles, found["g"].passages) == (1.0, 1.0)


def test_an_answer_only_in_the_quote_of_the_other_language_is_told_apart(articles: Path) -> None:
    pipeline = WordPipeline([articles])
    answer = replace(pipeline.ask(RIGHT.question), text="She did. [1]")
    by_source = {a.source: a for a in pipeline.articles()}
    found = judge(RIGHT, answer, by_source.get, 0.0)
    assert (found.verdict, found.first, found.said, found.good) == ("in quote", True, False, False)
    arabic = replace(RIGHT, answers={"en": ("Nobody",), "ar": ("سميرة",)})
    told = judge(arabic, replace(answer, text="In the article's words: “سميرة” [1]"), by_source.get, 0.0)
    assert (told.verdict, told.said, told.good) == ("in quote", True, True)
    elsewhere = replace(answer, sentences=(Sentence("She did.", (2,)), *answer.sentences))
    assert judge(RIGHT, elsewhere, by_source.get, 0.0).first is False


def test_a_name_out_of_the_correcting_sentence_corrects_nothing(articles: Path) -> None:
    pipeline = WordPipeline([articles])
    by_source = {a.source: a for a in pipeline.articles()}
    answer = pipeline.ask(PREMISE.question)
    assert judge(PREMISE, answer, by_source.get, 0.0).verdict == "corrected"
    assert judge(PREMISE, replace(answer, text="Samira [1]."), by_source.get, 0.0).verdict == "hallucinated"


def test_directions_name_both_languages(articles: Path) -> None:
    (articles / "arabic.txt").write_text("افتتح الجسر.", "utf-8")
    pipeline = WordPipeline([articles])
    about = [
        question("x-en", "?", about=("arabic.txt",)),
        question("y-en", "?", about=("arabic.txt", "bridge.txt")),
    ]
    assert [o.direction for o in runner.run(pipeline, [*about, SILENT])] == ["en→ar", "en→ar+en", "en→–"]


def test_a_gold_article_that_is_not_there_is_an_error_not_a_smaller_denominator(articles: Path) -> None:
    (articles / "bridge.txt").unlink()
    with pytest.raises(InputError, match=r"bridge\.txt"):
        runner.run(WordPipeline([articles]), [RIGHT])


def test_the_table_divides_by_the_gold(articles: Path) -> None:
    row = figures.row("all", runner.run(WordPipeline([articles]), ALL))
    value = {name: interval.value for name, interval in row.figures.items()}
    assert value["in words"] == 2 / 4
    assert value["error"] == 1 / 4
    assert value["hallucination"] == 1 / 3
    assert value["precision"] == 2 / 4
    assert value["recall"] == 1.5 / 4
    assert value["sides"] == 0.5
    assert row.counts["missed"] == 1


def test_confidence_is_judged_over_what_was_answered(articles: Path) -> None:
    told = figures.confidence(runner.run(WordPipeline([articles]), ALL))
    assert told.points[-1] == (1.0, 2 / 5)
    assert told.best <= told.area


def run_of(articles: Path, asked: Sequence[Question] = ALL) -> runs.Run:
    return runs.run_of(runner.run(WordPipeline([articles]), asked), {"generator": "reader"})


def test_a_saved_run_reads_back_the_same(articles: Path, tmp_path: Path) -> None:
    run = run_of(articles)
    runs.save(run, tmp_path / "deep" / "run.json")
    assert runs.load(tmp_path / "deep" / "run.json") == json.loads(json.dumps(run))


def test_the_gate_opens_for_the_same_and_shuts_for_worse(articles: Path) -> None:
    good = run_of(articles, [RIGHT, DIFFER, SILENT])
    baseline = json.loads(json.dumps(runs.baseline_of(good)))
    assert runs.fallen(good, baseline) == []
    worse = run_of(articles, [replace(RIGHT, answers={"en": ("Nobody",)}), DIFFER, INVENTED])
    fallen = runs.fallen(worse, baseline)
    assert any(line.startswith("in words (all) is 50.0, baseline 100.0") for line in fallen)
    assert any(line.startswith("hallucination (all) is 100.0") for line in fallen)
    without = run_of(articles, [SILENT])
    assert "precision (all) was not measured" in runs.fallen(without, baseline)


def test_comparing_names_the_questions_that_changed(articles: Path) -> None:
    before = run_of(articles)
    after = run_of(articles, [replace(RIGHT, answers={"en": ("Nobody",)}), *ALL[1:]])
    told = runs.compare(before, after)
    assert "1 verdicts changed" in told
    assert "a-en  right → wrong" in told
    assert "in words         50.0   25.0  -25.0" in told
    with pytest.raises(InputError, match="no question in common"):
        runs.compare(before, run_of(articles, [replace(RIGHT, id="z-en")]))


def test_the_page_escapes_articles_and_marks_gold_and_citation(articles: Path) -> None:
    text = "Samira <script>alert(1)</script> Haddad opened the northern bridge. Then."
    (articles / "bridge.txt").write_text(text, "utf-8")
    found = runner.run(WordPipeline([articles]), [RIGHT, INVENTED, PREMISE])
    html = page.page(found, figures.table(found), figures.confidence(found), "T")
    assert "<script>" not in html
    assert "<mark><ins>opened the northern bridge</ins></mark>" in html
    assert html.index("e-en") < html.index("a-en"), "wrong ones come first"
    assert "http" not in html
    assert html.count("<svg") == 2
    assert html.count('<div dir="ltr">') > 0
    assert page.quoted("hit 1, x.txt", "OpenAI يقدم نموذجا جديدا للناس").count('dir="rtl"') == 1


def test_crossing_marks_stay_well_nested() -> None:
    assert (
        page.marked("abcd", [Span(0, 2)], [Span(1, 3)])
        == "<ins>a</ins><mark><ins>b</ins></mark><mark>c</mark>d"
    )


# ------------------------------------------------------------------ public sets

PARAGRAPHS = [
    ("Normandy", "Rollo led the vikings of Normandy. They settled there.", "Who led the vikings?", "Rollo"),
    ("Rivers", "Elbe flows through Hamburg. It is long.", "Which river flows through Hamburg?", "Elbe"),
    ("Metals", "Copper conducts electricity well. Iron less.", "What conducts electricity?", "Copper"),
    ("Birds", "Swifts sleep while flying. Others do not.", "Which birds sleep while flying?", "Swifts"),
]


def jsonl() -> str:
    rows = []
    for number, (title, context, asked, said) in enumerate(PARAGRAPHS):
        answers = [{"text": said, "answer_start": context.index(said)}]
        rows.append(
            {
                "title": title,
                "context": context,
                "qas": [{"id": str(number), "question": asked, "answers": answers}],
            }
        )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def squad_file(tmp_path: Path) -> Path:
    file = tmp_path / "set.jsonl.xz"
    file.write_bytes(lzma.compress(jsonl().encode()))
    return file


def test_the_three_forms_of_squad_read_the_same(squad_file: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in jsonl().splitlines()]
    published = {
        "version": "1.1",
        "data": [
            {"title": r["title"], "paragraphs": [{"context": r["context"], "qas": r["qas"]}]} for r in rows
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(published), "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(published, indent=2), "utf-8")
    (tmp_path / "c.json").write_text(json.dumps(rows), "utf-8")
    first = sets.squad(squad_file, name="x")
    assert len(first.paragraphs) == len(first.askings) == 4
    for name in "abc":
        assert sets.squad(tmp_path / f"{name}.json", name="x") == first


def test_paragraphs_given_twice_are_one_and_ids_given_twice_are_two(tmp_path: Path) -> None:
    (tmp_path / "twice.jsonl").write_text(jsonl() * 2, "utf-8")
    found = sets.squad(tmp_path / "twice.jsonl")
    assert len(found.paragraphs) == 4
    assert [asking.id for asking in found.askings][3:6] == ["3", "0#2", "1#2"]


def test_parallel_questions_are_joined_by_id(squad_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "ar.jsonl"
    qas = [
        {"id": "2", "question": "ما الذي يوصل الكهرباء؟", "answers": [{"text": "النحاس", "answer_start": 0}]}
    ]
    other.write_text(json.dumps({"title": "", "context": "النحاس.", "qas": qas}), "utf-8")
    (asking,) = sets.squad(squad_file, other).askings
    assert (asking.question, asking.answers, dict(asking.gold)) == (
        "ما الذي يوصل الكهرباء؟",
        ("Copper",),
        {"2": 1.0},
    )
    other.write_text(
        json.dumps({"context": "x", "qas": [{"id": "99", "question": "?", "answers": [{"text": "x"}]}]}),
        "utf-8",
    )
    with pytest.raises(InputError, match="not parallel"):
        sets.squad(squad_file, other)


def test_impossible_questions_have_no_gold(tmp_path: Path) -> None:
    qas = [{"id": "1", "question": "?", "answers": [{"text": "x"}], "is_impossible": True}]
    (tmp_path / "v2.json").write_text(json.dumps({"context": "x", "qas": qas}), "utf-8")
    (asking,) = sets.squad(tmp_path / "v2.json").askings
    assert (asking.gold, asking.answers) == ({}, ())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"{not json", "is not JSON"),
        (b'{"context": "x", "qas": []}', "no questions"),
        (b'{"text": "x"}', "not in SQuAD's format"),
        (b'{"data": [{"title": "x"}]}', "not in SQuAD's format"),
        (b'{"context": "x", "qas": [{"question": "?"}]}', "not in SQuAD's format"),
        (b'{"context": "x", "qas": []}\n{broken', "line 2, is not JSON"),
        (b"\xff\xfe\x00", "is not UTF-8"),
    ],
)
def test_a_broken_file_gets_one_sentence(
    tmp_path: Path, content: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    assert cli.main(["--squad", str(file)], over) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_cut_off_xz_and_a_missing_file_get_one_sentence(
    squad_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    squad_file.write_bytes(squad_file.read_bytes()[:40])
    assert cli.main(["--squad", str(squad_file)], over) == 2
    assert "not a whole .xz file" in capsys.readouterr().err
    assert cli.main(["--squad", "no-such-set"], over) == 2
    assert "no set of that name" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_said_before_anything_is_asked(
    squad_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    def over(*_: object) -> Never:
        raise AssertionError("asked all the same")

    for option in ("--json", "--html"):
        target = str(tmp_path / "file" / "x.json")
        assert cli.main(["--squad", str(squad_file), option, target], over) == 2
        assert "Cannot write" in capsys.readouterr().err


def test_the_json_of_a_public_set_has_the_promised_keys_and_right_values(
    squad_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--squad", str(squad_file), "--json", "-"], over) == 0
    run = json.loads(capsys.readouterr().out)
    depths = {"recall@1", "recall@5", "recall@10", "recall@100"}
    assert depths | {"mrr", "ndcg@10", public.RERANKED} == run["retrieval"].keys()
    assert all(value == 1.0 for value in run["retrieval"].values())
    # The reader says the first two words, of which one is the answer; the pipeline marks just the answer.
    assert run["reading"] == {"em": 0.0, "f1": pytest.approx(2 / 3)}
    assert run["end_to_end"] == {"em": 1.0, "f1": 1.0}
    assert run["abstention"]["error"] == 0.0
    assert run["counts"]["asked without gold"] == len(public.half("0123")) == 2
    assert run["abstention"]["hallucination"] == 0.0, "without its paragraph no word of a question is left"


def test_distractors_are_added_and_counted(
    squad_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "more.jsonl"
    lines = [{"title": "Vikings", "content": "The vikings, led by whom? No one who led them."}] * 5
    more.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    call = ["--squad", str(squad_file), "--distractors", str(more), "--distractor-limit", "3", "--json", "-"]
    assert cli.main(call, over) == 0
    run = json.loads(capsys.readouterr().out)
    assert run["about"]["distractors"] == 3
    assert run["counts"]["articles"] == 7
    assert cli.main([*call[:2], "--distractors", str(tmp_path / "none")], over) == 2
    assert "to distract with" in capsys.readouterr().err


def test_a_limit_spreads_over_the_set_and_keeps_all_paragraphs(
    squad_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--squad", str(squad_file), "--limit", "2", "--json", "-"], over) == 0
    run = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in run["questions"]] == ["0", "2"]
    assert run["counts"]["paragraphs"] == 4


def test_a_paragraph_in_several_passages_ranks_as_its_best(tmp_path: Path) -> None:
    class Split(WordPipeline):
        def search(self, question: str, *, k: int = 10) -> tuple[Hit, ...]:
            first, *rest = super().search(question, k=k)
            return (*rest[:1], first, first, *rest[1:])

    found = sets.PublicSet(
        "x",
        (sets.Paragraph("a", "", "north gate open. "), sets.Paragraph("b", "", "north gate shut. ")),
        (sets.Asking("1", "north gate open?", {"a": 1.0, "b": 1.0}, ()),),
        reads=False,
    )
    run = public.run(found, lambda paths: Split(paths))
    assert run["retrieval"]["recall@1"] == 0.5
    assert run["retrieval"]["ndcg@10"] == 1.0


def test_beir_folders_are_graded_and_lost_gold_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = [{"_id": "a", "title": "T", "text": "north gate open. "}, {"_id": "b", "text": "harbour shut. "}]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus), "utf-8")
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "1", "text": "north gate?"}\n{"_id": "2", "text": "x"}\n', "utf-8"
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\ta\t1\n1\tlost\t1\n1\tb\t0\n", "utf-8"
    )
    assert cli.main(["--beir", str(tmp_path), "--json", "-"], over) == 0
    run = json.loads(capsys.readouterr().out)
    assert run["counts"]["questions"] == 1
    assert run["retrieval"]["recall@10"] == 0.5
    assert "reading" not in run
    (tmp_path / "queries.jsonl").unlink()
    assert cli.main(["--beir", str(tmp_path)], over) == 2
    assert "queries.jsonl is missing" in capsys.readouterr().err


def test_names_stand_for_files_under_the_root(tmp_path: Path, squad_file: Path) -> None:
    (tmp_path / "xquad").mkdir()
    for language in ("ar", "en"):
        (tmp_path / "xquad" / f"xquad-dev.{language}.jsonl.xz").write_bytes(squad_file.read_bytes())
    assert sets.named_squad(["xquad-en"], None, str(tmp_path)).name == "xquad-en"
    assert sets.named_squad(["xquad", "en-ar"], None, str(tmp_path)).name == "xquad-en-ar"
    with pytest.raises(InputError, match="no set of that name"):
        sets.named_squad(["xquad", "fr"], None, str(tmp_path))
    with pytest.raises(InputError, match="Name their folder"):
        sets.named_squad(["xquad-en"], None, str(tmp_path / "none"))


# ------------------------------------------------------------------ the command


def own_set(
    tmp_path: Path, articles: Path, questions: Sequence[Question] = (RIGHT, DIFFER, SILENT)
) -> list[str]:
    rows = []
    for q in questions:
        sides = [{"sources": s.sources, "answers": s.answers} for s in q.must_differ]
        gold = [{"source": g.source, "quote": g.quote} for g in q.gold]
        rows.append(
            {
                **{key: getattr(q, key) for key in ("id", "question", "language", "kind", "split", "trap")},
                "answerable": q.answerable,
                "gold": gold,
                "answers": q.answers,
                "must_differ": sides,
            }
        )
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return ["--ask", str(file), "--articles", str(articles), "--set", "articles"]


def test_the_report_is_one_page_of_figures(
    tmp_path: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = own_set(tmp_path, articles)
    assert (
        cli.main([*call, "--html", str(tmp_path / "r.html"), "--json", str(tmp_path / "r.json")], over) == 0
    )
    told = capsys.readouterr().out
    assert re.search(r"^all +3 +100\.0 +100\.0 +100\.0", told, re.MULTILINE)
    assert "Verdicts: 1 abstained, 2 right" in told
    assert "a-en" in (tmp_path / "r.html").read_text("utf-8")
    assert len(runs.load(tmp_path / "r.json")["questions"]) == 3


def test_json_on_standard_output_stands_alone(
    tmp_path: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*own_set(tmp_path, articles), "--json", "-", "--half", "dev"], over) == 0
    assert json.loads(capsys.readouterr().out)["about"]["half"] == "dev"
    assert cli.main([*own_set(tmp_path, articles), "--half", "test"], over) == 2
    assert "half test" in capsys.readouterr().err


def test_the_gate_has_an_exit_status(
    tmp_path: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = ["--baseline", str(tmp_path / "baseline.json")]
    call = own_set(tmp_path, articles)
    assert cli.main([*call, *baseline, "--gate"], over) == 2
    assert "--write-baseline" in capsys.readouterr().err
    assert cli.main([*call, *baseline, "--write-baseline"], over) == 0
    assert cli.main([*call, *baseline, "--gate"], over) == 0
    worse = own_set(tmp_path, articles, [replace(RIGHT, answers={"en": ("Nobody",)}), DIFFER, SILENT])
    assert cli.main([*worse, *baseline, "--gate"], over) == 1
    assert "Fallen: in words (all)" in capsys.readouterr().out
    assert cli.main([*call, *baseline, "--gate", "--limit", "2"], over) == 2
    assert "Ask the same" in capsys.readouterr().err


def test_two_runs_are_compared_by_the_command(
    tmp_path: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = own_set(tmp_path, articles)
    for name in ("a", "b"):
        assert cli.main([*call, "--json", str(tmp_path / f"{name}.json")], over) == 0
    capsys.readouterr()
    assert cli.main(["--compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert "0 verdicts changed" in capsys.readouterr().out
    assert cli.main(["--compare", str(tmp_path / "a.json"), str(articles / "bridge.txt")]) == 2
    assert "Cannot read a run" in capsys.readouterr().err


def test_what_does_not_go_together_is_refused(squad_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--squad", str(squad_file), "--gate"], over) == 2
    assert cli.main(["--squad", str(squad_file), "--beir", "x"], over) == 2
    assert capsys.readouterr().err.count("\n") == 2
    with pytest.raises(SystemExit, match="2"):
        cli.main(["--limit", "0"], over)


def test_a_set_of_one_paragraph_has_all_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.jsonl").write_text(jsonl().splitlines()[0], "utf-8")
    assert cli.main(["--squad", str(tmp_path / "one.jsonl"), "--json", "-"], over) == 0
    run = json.loads(capsys.readouterr().out)
    assert run["abstention"] == {"hallucination": 0.0, "error": 0.0}
    assert run["counts"]["asked without gold"] == 1


def test_missing_articles_are_named(
    tmp_path: Path, articles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = own_set(tmp_path, articles)
    assert cli.main([*call[:2], "--articles", str(tmp_path / "none")], over) == 2
    assert "no articles in" in capsys.readouterr().err


@pytest.mark.parametrize("call", [["eval"], ["-m", "rag.evaluation"]])
def test_both_entries_start(call: list[str]) -> None:
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, *call, "--ask", "none"], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "Cannot read the questions in none" in done.stderr


def test_a_public_set_has_a_page_with_its_passages(squad_file: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in jsonl().splitlines()]
    rows[0]["context"] += " <script>alert(1)</script>"
    rows[1]["qas"][0]["answers"][0] = {"text": "Hamburg", "answer_start": rows[1]["context"].index("Hamburg")}
    squad_file.write_bytes(lzma.compress("\n".join(map(json.dumps, rows)).encode()))
    told = tmp_path / "page.html"
    assert cli.main(["--squad", str(squad_file), "--html", str(told)], over) == 0
    html = told.read_text("utf-8")
    assert "<script>" not in html
    assert "http" not in html
    assert "<ins><mark>Rollo</mark></ins>" in html or "<mark><ins>Rollo</ins></mark>" in html
    assert "<mark>Elbe</mark> flows through <ins>Hamburg</ins>" in html
    assert html.index("Which river") < html.index("Who led"), "wrong ones come first"
    assert html.count("<svg") == 1


def test_two_runs_of_a_public_set_are_compared(
    squad_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / f"{name}.json") for name in ("a", "b")]
    for file in files:
        assert cli.main(["--squad", str(squad_file), "--json", file], over) == 0
        rows = [json.loads(line) for line in jsonl().splitlines()]
        rows[0]["qas"][0]["answers"][0] = {
            "text": "vikings",
            "answer_start": rows[0]["context"].index("vikings"),
        }
        squad_file.write_bytes(lzma.compress("\n".join(map(json.dumps, rows)).encode()))
    capsys.readouterr()
    assert cli.main(["--compare", *files]) == 0
    told = capsys.readouterr().out
    assert " ".join(told.split()).count("end_to_end em 100.0 75.0 -25.0") == 1
    assert " ".join(told.split()).count("recall@1 100.0 100.0 +0.0") == 1
    assert "0  right → wrong  Who led the vikings?" in told
