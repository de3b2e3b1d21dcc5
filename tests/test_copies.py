"""Copies of one report among many articles: grouped when built, shown once, their sources named."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shelf

from rag import copies, store
from rag.answer import Pipeline
from rag.audit import verify
from rag.build import build, delete
from rag.copies import ALIKE, SIZE, groups, runs, signature
from rag.index import Index
from rag.read import read_text
from rag.retrieve import collapse
from rag.types import Hit, Passage, Span
from tests.answering import answering

WIRE = (
    "The ministry of transport opened the northern road on Tuesday after two years of work, and the first lorries crossed it before noon. "
    "Engineers said that the road is 84 kilometres long and that it shortens the way to the border by an hour and a half. "
    "The minister thanked the workers, named three of them, and promised a second road in the east before the end of the decade. "
    "Drivers asked for petrol stations along it, which the ministry wants to allow by the summer."
)
ARABIC = (
    "افتتحت وزارة النقل الطريق الشمالي يوم الثلاثاء بعد سنتين من العمل، وعبرته أولى الشاحنات قبل الظهر. "
    "وقال المهندسون إن طول الطريق 84 كيلومترا وإنه يختصر المسافة إلى الحدود بساعة ونصف الساعة. "
    "وشكر الوزير العمال وسمى ثلاثة منهم ووعد بطريق ثان في الشرق قبل نهاية العقد."
)


def reworded(text: str, share: float, seed: int) -> str:
    """``text`` with a share of its words replaced."""
    chance = random.Random(seed)
    return " ".join(
        "".join(chance.choices("abcdef", k=9)) if chance.random() < share else word for word in text.split()
    )


def rows(*texts: str) -> np.ndarray:
    blobs = b"".join(signature(read_text(text, f"{i}.txt")) for i, text in enumerate(texts))
    return np.frombuffer(blobs, dtype="<u4").reshape(-1, SIZE)


def test_a_cut_or_retitled_report_belongs_to_the_whole_one() -> None:
    half = len(WIRE) * 2 // 3
    texts = [
        WIRE,
        f"Road opened at last\n\n{WIRE}",
        WIRE[:half],
        ARABIC,
        ARABIC.replace("الطريق", "الطَّريق"),
        shelf.text(1),
    ]
    assert groups(rows(*texts)) == [0, 0, 0, 3, 3, 5]


def test_vowel_marks_and_punctuation_do_not_count() -> None:
    assert runs("قَالَ الوزيرُ، أمسِ!") == runs("قال الوزير امس")


def test_an_estimate_is_near_the_share_of_runs_in_common() -> None:
    for seed in range(8):
        other = reworded(WIRE * 3, 0.04, seed)
        one, two = set(runs(WIRE * 3)), set(runs(other))
        left, right = rows(WIRE * 3, other)
        assert np.mean(left == right) == pytest.approx(len(one & two) / len(one | two), abs=0.2)


def test_a_very_short_article_has_no_copies() -> None:
    assert signature(read_text("The road is open.", "a.txt")) == b""


def test_among_thousands_the_copies_are_found_and_nothing_else() -> None:
    chance = np.random.default_rng(1)
    made = chance.integers(0, 2**32, (6000, SIZE), dtype=np.uint32)
    for copy, of in ((100, 3), (2000, 3), (5999, 100)):
        made[copy] = made[of]
        made[copy, chance.choice(SIZE, SIZE // 5, replace=False)] += 1
    found = groups(made)
    assert {row: leader for row, leader in enumerate(found) if row != leader} == {100: 3, 2000: 3, 5999: 3}


def stored(folder: Path) -> dict[str, str | None]:
    with closing(store.open_to_read(folder)) as db:
        sql = "SELECT a.source, c.wire FROM articles AS a JOIN copies AS c ON c.article_id = a.id"
        return dict(db.execute(sql).fetchall())


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_groups_grow_and_shrink_with_the_index(tmp_path: Path) -> None:
    index = tmp_path / "index"
    articles = write(tmp_path / "articles", wire=WIRE, other=shelf.text(1))
    build([articles], index, shelf.WordEmbedder(), shelf.CONFIG)
    assert set(stored(index).values()) == {None}
    write(articles, copy=f"From our reporter\n\n{WIRE}")
    build([articles], index, shelf.WordEmbedder(), shelf.CONFIG)
    grown = stored(index)
    assert grown["wire.txt"] == grown["copy.txt"] is not None
    assert grown["other.txt"] is None
    assert verify(index) == []
    delete(["wire.txt"], index)
    assert stored(index) == {"copy.txt": None, "other.txt": None}
    assert verify(index) == []


def test_signatures_of_another_version_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    articles = write(tmp_path / "articles", wire=WIRE, copy=WIRE + " Traffic was light.")
    monkeypatch.setattr(copies, "version", lambda: "older")
    build([articles], index, shelf.WordEmbedder(), shelf.CONFIG)
    with closing(sqlite3.connect(index / store.NAME)) as db, db:
        db.execute("UPDATE copies SET signature = zeroblob(256), wire = NULL")
    monkeypatch.undo()
    write(articles, other=shelf.text(1))
    build([articles], index, shelf.WordEmbedder(), shelf.CONFIG)
    found = stored(index)
    assert found["wire.txt"] == found["copy.txt"] is not None
    assert found["other.txt"] is None


def hit(text: str, source: str, number: int, score: float) -> Hit:
    article = read_text(text, source)
    passage = Passage(number, article.id, 0, Span(0, len(text)), text, (Span(0, len(text)),))
    return Hit(passage, article, score)


def test_a_passage_that_copies_tell_between_them_is_shown_once() -> None:
    sentences = WIRE.split(". ")
    first, second = (
        hit(". ".join(sentences[:2]), "a.txt", 1, 0.9),
        hit(". ".join(sentences[2:]), "a.txt", 2, 0.8),
    )
    first_article = {first.article.id: "w", second.article.id: "w"}
    across = hit(". ".join(sentences[1:3]), "b.txt", 3, 0.7)
    wires = {**first_article, across.article.id: "w"}
    assert [h.passage.id for h in collapse([first, second, across], wires)] == [1, 2]
    assert [h.also_in for h in collapse([first, second, across], wires)].count(("b.txt",)) == 1
    assert len(collapse([first, second, across])) == 3
    # another number is another fact
    other = hit(across.passage.text.replace("84", "85"), "b.txt", 3, 0.7)
    assert len(collapse([first, second, other], {**wires, other.article.id: "w"})) == 3


def test_nearly_the_same_words_with_another_number_are_no_copy() -> None:
    told = WIRE + " Twelve people were killed."
    first, second = hit(told, "a.txt", 1, 0.9), hit(told.replace("Twelve", "Forty-seven"), "b.txt", 2, 0.8)
    denied = hit(told.replace("were killed", "were not killed"), "c.txt", 3, 0.7)
    assert [h.also_in for h in collapse([first, second, denied])] == [(), (), ()]
    assert [h.also_in for h in collapse([first, hit(told + " So.", "d.txt", 4, 0.5)])] == [("d.txt",)]


def test_a_flood_of_copies_leaves_room_for_other_articles(tmp_path: Path) -> None:
    flood = {f"wire{i:02}.txt": f"{reworded('Paper prints', 1, i)}: {WIRE}" for i in range(70)}
    lone = {
        "lone.txt": "A farmer said that the northern road took his field, and asked the ministry for 12 thousand dinars. Nobody answered him."
    }
    with answering(tmp_path, {**flood, **lone}) as pipeline:
        hits = pipeline.search("northern road ministry", k=50)
        assert "lone.txt" in {h.article.source for h in hits}
        assert len(hits) < 10
        assert len(hits[0].also_in) > 40
        assert isinstance(pipeline, Pipeline)


def test_an_index_of_the_first_schema_learns_its_copies(tmp_path: Path) -> None:
    index = tmp_path / "index"
    articles = write(tmp_path / "articles", wire=WIRE, copy=f"A road\n\n{WIRE}", other=shelf.text(1))
    build([articles], index, shelf.WordEmbedder(), shelf.CONFIG)
    with closing(sqlite3.connect(index / store.NAME, isolation_level=None)) as db:
        db.execute("DROP TABLE copies")
        db.execute("DROP TABLE words")
        db.execute("DROP INDEX articles_date")
        db.execute("DELETE FROM meta WHERE key = 'signatures'")
        db.execute("PRAGMA user_version = 1")
    with Index.open(index) as opened, opened.snapshot() as snapshot:
        assert len(snapshot.articles()) == 3
        assert snapshot.wires([article.id for article in snapshot.articles()]) == {}
    assert verify(index) == []
    delete(["other.txt"], index)
    found = stored(index)
    assert found["wire.txt"] == found["copy.txt"] is not None
    assert verify(index) == []


def test_the_threshold_is_reached_by_most_copies_in_a_band() -> None:
    assert 1 - (1 - ALIKE**4) ** (SIZE // 4) > 0.75
