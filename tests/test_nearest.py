"""Vectors of sentences: made, stored, deleted and searched with those of their passages."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shelf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shelf import CONFIG, WordEmbedder, said

from rag import store
from rag.audit import verify
from rag.build import build, delete
from rag.embed import LEAST, SanadEmbedder, tokens_of_sentences
from rag.errors import ModelError
from rag.index import Index
from rag.lexicon import lexicon
from rag.onnx import tokenizer
from rag.protocols import Vectors
from rag.retrieve import retrieve, search
from rag.sentences import sentences


class FineEmbedder(WordEmbedder):
    """Words are hashed for sentences, too."""

    def embed_with_sentences(self, texts: Sequence[str]) -> list[Vectors]:
        self.calls.append(len(texts))
        found = []
        for text in texts:
            parts = [text[span.start : span.end] for span in sentences(text)]
            found.append(self.embed_questions([text, *(parts if len(parts) > 1 else ())]))
        return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fine")
    articles = shelf.write(folder / "articles", *range(6))
    (articles / "short.txt").write_text("Nothing but one sentence here.", encoding="utf-8")
    build([articles], folder / "index", FineEmbedder(), CONFIG)
    return folder / "index"


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "index")


class TestStored:
    @given(
        st.integers(1, 5).flatmap(lambda n: arrays(np.float32, (n, 24), elements=st.floats(-1, 1, width=16)))
    )
    def test_rows_come_back_nearly_as_they_were(self, rows: Vectors) -> None:
        rows = rows + np.float32(0.01)
        again = store.sentences_of(store.sentences_blob(rows) or b"", 24)
        assert again.shape == rows.shape
        assert np.abs(again - rows).max() <= np.abs(rows).max() / 127

    def test_none_are_no_row(self) -> None:
        assert store.sentences_blob(np.zeros((0, 8), np.float32)) is None

    @pytest.mark.parametrize("blob", [b"", b"x", bytes(13), bytes(25)])
    def test_no_whole_rows_are_damage(self, blob: bytes) -> None:
        with pytest.raises(sqlite3.DatabaseError, match="malformed"):
            store.sentences_of(blob, 8)


class TestBuilt:
    def test_each_passage_of_several_sentences_has_its_nearest(self, built: Path) -> None:
        question = FineEmbedder().embed_questions([said(2)])[0]
        with Index.open(built) as index, index.snapshot() as snapshot:
            passages = [p for a in snapshot.articles() for p in snapshot.passages_of(a.id)]
            found = snapshot.nearest_sentences([p.id for p in passages], question)
            several = [p for p in passages if len(sentences(p.text)) > 1]
            assert set(found) == {p.id for p in several} and len(several) < len(passages)
            for passage in several:
                parts = [passage.text[s.start : s.end] for s in sentences(passage.text)]
                best = float((FineEmbedder().embed_questions(parts) @ question).max())
                assert found[passage.id] == pytest.approx(best, abs=0.01)
            assert snapshot.nearest_sentences([], question) == {}

    def test_a_candidate_has_the_mean_of_both_cosines(self, built: Path) -> None:
        question = said(2)
        embedder = FineEmbedder()
        vector = embedder.embed_questions([question])[0]
        with Index.open(built) as index, index.snapshot() as snapshot:
            _, cosines = search(question, snapshot, embedder, lexicon(), CONFIG)
            ids = list(cosines)
            whole = dict(zip(ids, snapshot.vectors(ids) @ vector, strict=True))
            nearest = snapshot.nearest_sentences(ids, vector)
            assert nearest and set(nearest) < set(ids)
            for id_, cosine in cosines.items():
                assert cosine == pytest.approx((whole[id_] + nearest.get(id_, whole[id_])) / 2, abs=1e-5)
            for hit in retrieve(question, snapshot, embedder, lexicon(), CONFIG):
                assert hit.cosine == cosines[hit.passage.id]

    def test_a_sentence_brings_its_passage_farther_forward(self, tmp_path: Path) -> None:
        asked = "copper wire theft"
        (tmp_path / "sentence.txt").write_text(
            "Copper wire theft. Mayors met dancers under old yellow trees near a quiet lake.",
            encoding="utf-8",
        )
        (tmp_path / "whole.txt").write_text(
            "Copper prices fell a little. A wire came loose at noon.", encoding="utf-8"
        )
        order = {}
        for embedder in (WordEmbedder(), FineEmbedder()):
            folder = tmp_path / type(embedder).__name__
            build([tmp_path / "sentence.txt", tmp_path / "whole.txt"], folder, embedder, CONFIG)
            with Index.open(folder) as index, index.snapshot() as snapshot:
                _, cosines = search(asked, snapshot, embedder, lexicon(), CONFIG)
                sentence, whole = (cosines[snapshot.passages_of(a.id)[0].id] for a in snapshot.articles())
                order[type(embedder)] = sentence - whole
        assert order[FineEmbedder] > order[WordEmbedder] + 0.1


class TestChanged:
    def test_deleting_leaves_none(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            gone = db.execute(
                "SELECT s.vectors FROM sentences AS s JOIN passages AS p ON p.id = s.passage_id "
                "JOIN articles AS a ON a.id = p.article_id WHERE a.source = '0002.txt'"
            ).fetchall()
        assert gone
        delete(["0002.txt"], folder)
        left = [path.read_bytes() for path in folder.iterdir()]
        assert not any(blob[-40:] in content for (blob,) in gone for content in left)
        assert verify(folder) == []
        delete([f"{n:04}.txt" for n in (0, 1, 3, 4, 5)] + ["short.txt"], folder)
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            assert db.execute("SELECT count(*) FROM sentences").fetchone() == (0,)

    def test_they_are_kept_where_only_words_differ(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            before = db.execute("SELECT vectors FROM sentences ORDER BY 1").fetchall()
        monkeypatch.setattr("rag.lexical.STEMMER", "another/1")
        embedder = FineEmbedder()
        build([], folder, embedder, CONFIG, rebuild=True)
        assert embedder.calls == []
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            assert db.execute("SELECT vectors FROM sentences ORDER BY 1").fetchall() == before
        assert verify(folder) == []

    def test_an_index_from_before_them_is_searched_by_whole_passages(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            db.execute("DROP TABLE sentences")
            db.execute("PRAGMA user_version = 2")
            db.commit()
        embedder = FineEmbedder()
        with Index.open(folder) as index, index.snapshot() as snapshot:
            _, cosines = search(said(2), snapshot, embedder, lexicon(), CONFIG)
            whole = snapshot.vectors(list(cosines)) @ embedder.embed_questions([said(2)])[0]
            assert list(cosines.values()) == pytest.approx(whole.tolist())
        assert verify(folder) == []

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("UPDATE sentences SET vectors = x'0102' WHERE passage_id = 2", "passage 2 have 2 bytes"),
            (
                f"UPDATE sentences SET vectors = zeroblob({2 * 68}) WHERE passage_id = 2",
                "2 are not of length 1",
            ),
            ("UPDATE sentences SET passage_id = 999 WHERE passage_id = 2", "passage 999, which is not there"),
        ],
    )
    def test_verify_names_what_is_wrong_with_them(self, folder: Path, change: str, says: str) -> None:
        assert verify(folder) == []
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            db.execute(change)
            db.commit()
        assert any(says in fault for fault in verify(folder))

    @pytest.mark.parametrize(
        ("broken", "says"),
        [
            (lambda rows: rows[:-1], "shape"),
            (lambda rows: [row[:, :5] for row in rows], "shape"),
            (lambda rows: [*rows[:-1], rows[-1] * 2], "not of length 1"),
            (lambda rows: [*rows[:-1], rows[-1] * np.nan], "not of length 1"),
        ],
    )
    def test_a_broken_encoder_is_told(self, tmp_path: Path, broken, says: str) -> None:
        class Broken(FineEmbedder):
            def embed_with_sentences(self, texts: Sequence[str]) -> list[Vectors]:
                return broken(super().embed_with_sentences(texts))

        with pytest.raises(ModelError, match=says):
            build([shelf.write(tmp_path / "a", 0)], tmp_path / "index", Broken(), CONFIG)


TEXTS = (
    "Ceasefire talks\nRussia and Turkey signed the ceasefire on Thursday. Iran welcomed it. Yes.",
    "وقعت روسيا وتركيا الاتفاق يوم الخميس. ورحبت إيران بالاتفاق في بيان رسمي.",
    "One sentence alone about a bridge",
    "",
)


class TestTheShippedEncoder:
    def test_the_first_row_is_the_vector_of_the_whole_bit_for_bit(self) -> None:
        encoder = SanadEmbedder()
        found = encoder.embed_with_sentences(TEXTS)
        assert np.array_equal(np.stack([rows[0] for rows in found]), encoder.embed_passages(TEXTS))
        assert [len(rows) for rows in found] == [3, 3, 1, 1]
        for rows in found:
            assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
        assert encoder.embed_with_sentences([]) == []

    @settings(max_examples=10, deadline=None)
    @given(st.permutations(range(len(TEXTS))), st.integers(1, 3))
    def test_no_row_depends_on_other_texts(self, order: list[int], threads: int) -> None:
        together = SanadEmbedder(threads).embed_with_sentences([TEXTS[i] for i in order] * 2)
        for at, rows in zip(order * 2, together, strict=True):
            assert np.array_equal(rows, SanadEmbedder(2).embed_with_sentences([TEXTS[at]])[0])

    def test_a_sentence_is_nearer_to_its_question_than_the_whole_is(self) -> None:
        encoder = SanadEmbedder()
        text = " ".join(
            (
                "The bakery on the square opens at six.",
                "Penguins breed on the Antarctic coast in winter.",
                "A new tram line was opened by the mayor.",
            )
        )
        (rows,) = encoder.embed_with_sentences([text])
        whole, *parts = rows @ encoder.embed_questions(["Where do penguins breed?"])[0]
        assert parts[1] == max(parts) and parts[1] > whole

    @given(
        st.lists(
            st.sampled_from(["Yes.", "Snow fell.", "He said: no!", "ذهب الوزير إلى المدينة.", "\n", " "])
        )
    )
    def test_the_tokens_of_sentences_lie_within_and_apart(self, pieces: list[str]) -> None:
        text = " ".join(pieces)
        encoding = tokenizer().encode_batch([text])[0]
        found = tokens_of_sentences(text, encoding.offsets)
        assert all(len(tokens) >= LEAST for tokens in found)
        every = [token for tokens in found for token in tokens]
        assert len(every) == len(set(every))
        assert all(0 < token < len(encoding.ids) - 1 for token in every)

    def test_of_a_text_that_is_cut_the_sentences_within_count(self) -> None:
        text = " ".join(f"Sentence number {n} speaks of nothing at all." for n in range(60))
        (rows,) = SanadEmbedder().embed_with_sentences([text])
        assert 20 < len(rows) < 40
        assert np.isfinite(rows).all()
