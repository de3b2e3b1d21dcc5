"""Vectors of words: made, stored, deleted and compared with those of a question."""

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
from rag.build import build, contract_of, delete
from rag.embed import SanadEmbedder, as_passage, as_question, tokens_of_words
from rag.errors import ContractMismatch, ModelError
from rag.index import Index
from rag.lexical import terms
from rag.lexicon import lexicon
from rag.onnx import tokenizer
from rag.protocols import AskedVectors, ToldVectors, Vectors
from rag.retrieve import likeness, retrieve, search


class FineEmbedder(WordEmbedder):
    """Words are hashed one by one, too; those of a question count by their length."""

    def __init__(self, name: str = "fine@1") -> None:
        super().__init__(name)
        self.width = self.dimension

    def embed_with_words(self, texts: Sequence[str]) -> list[ToldVectors]:
        self.calls.append(len(texts))
        return [
            ToldVectors(self.embed_questions([text])[0], self.embed_questions(terms(text))) for text in texts
        ]

    def embed_question_with_words(self, text: str) -> AskedVectors:
        words = terms(text)
        weights = np.array([len(word) for word in words], np.float32)
        return AskedVectors(self.embed_questions([text])[0], self.embed_questions(words), weights)


def opened(folder: Path) -> Index:
    return Index.open(folder, contract_of(FineEmbedder(), CONFIG))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fine")
    articles = shelf.write(folder / "articles", *range(6))
    (articles / "marks.txt").write_text("So it was, and so it is.", encoding="utf-8")
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
        again = store.words_of([store.words_blob(rows) or b""], 24)
        assert np.linalg.norm(again, axis=1) == pytest.approx(np.ones(len(rows)))
        told, kept = (each / np.abs(each).max(axis=1, keepdims=True) for each in (rows, again))
        assert np.abs(told - kept).max() <= 1 / (2 * store.STEPS) + 1e-4

    def test_those_of_several_passages_come_one_after_the_other(self) -> None:
        rows = np.eye(8, dtype=np.float32)
        blobs = [store.words_blob(rows[at:end]) or b"" for at, end in ((0, 3), (3, 4), (4, 8))]
        np.testing.assert_array_equal(store.words_of(blobs, 8), rows)

    def test_none_are_no_row(self) -> None:
        assert store.words_blob(np.zeros((0, 8), np.float32)) is None
        assert store.words_of([], 8).shape == (0, 8)

    @pytest.mark.parametrize("blob", [b"", b"x", bytes(13)])
    def test_no_whole_rows_are_damage(self, blob: bytes) -> None:
        with pytest.raises(sqlite3.DatabaseError, match="malformed"):
            store.words_of([bytes(8), blob], 8)


class TestBuilt:
    def test_each_passage_is_as_near_as_the_nearest_of_its_words(self, built: Path) -> None:
        asked = FineEmbedder().embed_question_with_words(said(2))
        with opened(built) as index, index.snapshot() as snapshot:
            passages = [p for a in snapshot.articles() for p in snapshot.passages_of(a.id)]
            found = snapshot.by_words([p.id for p in passages], asked)
            worded = [p for p in passages if terms(p.text)]
            assert set(found) == {p.id for p in worded} and len(worded) == len(passages) - 1
            for passage in worded:
                words = FineEmbedder().embed_questions(terms(passage.text))
                nearest = (asked.words @ words.T).max(axis=1)
                assert found[passage.id] == pytest.approx(
                    np.average(nearest, weights=asked.weights), abs=0.01
                )
            assert snapshot.by_words([], asked) == {}

    def test_a_question_without_words_is_near_to_nothing(self, built: Path) -> None:
        embedder = FineEmbedder()
        with opened(built) as index, index.snapshot() as snapshot:
            assert search("؟!", snapshot, embedder, lexicon(), CONFIG).words == {}

    def test_a_hit_tells_how_near_its_words_are_and_its_likeness(self, built: Path) -> None:
        embedder = FineEmbedder()
        with opened(built) as index, index.snapshot() as snapshot:
            found = search(said(2), snapshot, embedder, lexicon(), CONFIG)
            vector = embedder.embed_questions([said(2)])[0]
            ids = list(found.cosines)
            assert list(found.cosines.values()) == pytest.approx((snapshot.vectors(ids) @ vector).tolist())
            hits = retrieve(said(2), snapshot, embedder, lexicon(), CONFIG)
            for hit in hits:
                near = found.words.get(hit.passage.id)
                assert near == (hit.legs["words"].score if "words" in hit.legs else None)
                told = found.cosines[hit.passage.id]
                assert hit.cosine == likeness(found, hit.passage.id)
                assert hit.cosine == pytest.approx((told + (told if near is None else near)) / 2)
            assert hits[0].legs["words"].rank == 1

    def test_words_in_another_order_bring_their_passage_as_far_forward(self, tmp_path: Path) -> None:
        """A passage that says all that is asked beats one that is about the same and says a part of it."""
        (tmp_path / "all.txt").write_text(
            "Mayors met dancers under old yellow trees: theft of copper, and of wire, near a quiet lake.",
            encoding="utf-8",
        )
        (tmp_path / "part.txt").write_text("Copper, copper and more copper. A wire.", encoding="utf-8")
        ahead = {}
        for embedder in (WordEmbedder(), FineEmbedder()):
            folder = tmp_path / type(embedder).__name__
            build([tmp_path / "all.txt", tmp_path / "part.txt"], folder, embedder, CONFIG)
            with Index.open(folder, contract_of(embedder, CONFIG)) as index, index.snapshot() as snapshot:
                found = search("copper wire theft", snapshot, embedder, lexicon(), CONFIG)
                every, part = (likeness(found, snapshot.passages_of(a.id)[0].id) for a in snapshot.articles())
                ahead[type(embedder)] = every - part
        assert ahead[FineEmbedder] > ahead[WordEmbedder] + 0.1


class TestChanged:
    def test_deleting_leaves_none(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            gone = db.execute(
                "SELECT w.vectors FROM words AS w JOIN passages AS p ON p.id = w.passage_id "
                "JOIN articles AS a ON a.id = p.article_id WHERE a.source = '0002.txt'"
            ).fetchall()
        assert gone
        delete(["0002.txt"], folder)
        left = [path.read_bytes() for path in folder.iterdir()]
        assert not any(blob[-400:] in content for (blob,) in gone for content in left)
        assert verify(folder) == []
        delete([f"{n:04}.txt" for n in (0, 1, 3, 4, 5)] + ["marks.txt"], folder)
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            assert db.execute("SELECT count(*) FROM words").fetchone() == (0,)

    def test_they_are_kept_where_only_words_differ(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            before = db.execute("SELECT vectors FROM words ORDER BY 1").fetchall()
        monkeypatch.setattr("rag.lexical.STEMMER", "another/1")
        embedder = FineEmbedder()
        build([], folder, embedder, CONFIG, rebuild=True)
        assert embedder.calls == []
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            assert db.execute("SELECT vectors FROM words ORDER BY 1").fetchall() == before
        assert verify(folder) == []

    @pytest.mark.parametrize("schema", [2, 3])
    def test_an_index_from_before_them_is_whole_and_asks_for_a_rebuild(
        self, folder: Path, schema: int
    ) -> None:
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            db.execute("DROP TABLE words")
            if schema == 3:
                db.execute("CREATE TABLE sentences (passage_id INTEGER PRIMARY KEY, vectors BLOB NOT NULL)")
                db.execute("INSERT INTO sentences VALUES (1, x'00')")
            db.execute("DELETE FROM meta WHERE key = 'contract.width'")
            db.execute(f"PRAGMA user_version = {schema}")
            db.commit()
        with pytest.raises(ContractMismatch, match=r"width '0', not '64'.*--rebuild"):
            opened(folder)
        assert verify(folder) == []
        build([], folder, FineEmbedder(), CONFIG, rebuild=True)
        with opened(folder) as index, index.snapshot() as snapshot:
            assert search(said(2), snapshot, FineEmbedder(), lexicon(), CONFIG).words

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("UPDATE words SET vectors = x'9191' WHERE passage_id = 2", "passage 2 have 2 bytes"),
            ("UPDATE words SET vectors = zeroblob(64) WHERE passage_id = 2", "passage 2 are damaged"),
            ("UPDATE words SET passage_id = 999 WHERE passage_id = 2", "passage 999, which is not there"),
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
            (lambda told: told[:-1], "shape"),
            (lambda told: [one._replace(words=one.words[:, :5]) for one in told], "shape"),
            (lambda told: [one._replace(vector=one.vector[:5]) for one in told], "shape"),
            (lambda told: [one._replace(words=one.words * 2) for one in told], "not of length 1"),
            (lambda told: [one._replace(words=one.words * np.nan) for one in told], "not of length 1"),
            (lambda told: [one._replace(vector=one.vector * 2) for one in told], "not of length 1"),
        ],
    )
    def test_a_broken_encoder_is_told(self, tmp_path: Path, broken, says: str) -> None:
        class Broken(FineEmbedder):
            def embed_with_words(self, texts: Sequence[str]) -> list[ToldVectors]:
                return broken(super().embed_with_words(texts))

        with pytest.raises(ModelError, match=says):
            build([shelf.write(tmp_path / "a", 0)], tmp_path / "index", Broken(), CONFIG)


TEXTS = (
    "Ceasefire talks\nRussia and Turkey signed the ceasefire on Thursday. Iran welcomed it. Yes.",
    "وقعت روسيا وتركيا الاتفاق يوم الخميس. ورحبت إيران بالاتفاق في بيان رسمي.",
    "One sentence alone about a bridge",
    "",
)


class TestTheShippedEncoder:
    def test_the_vector_is_that_of_the_whole_bit_for_bit(self) -> None:
        encoder = SanadEmbedder()
        found = encoder.embed_with_words(TEXTS)
        assert np.array_equal(np.stack([told.vector for told in found]), encoder.embed_passages(TEXTS))
        assert [len(told.words) for told in found][2:] == [6, 0]
        for told in found:
            assert told.words.shape[1] == encoder.width
            assert np.linalg.norm(told.words, axis=1) == pytest.approx(np.ones(len(told.words)), abs=1e-5)
        assert encoder.embed_with_words([]) == []

    def test_a_question_has_the_vector_that_it_has_without_words(self) -> None:
        encoder = SanadEmbedder()
        for question in ("Who signed the ceasefire?", "من وقع الاتفاق؟", "", "?"):
            asked = encoder.embed_question_with_words(question)
            assert np.array_equal(asked.vector, encoder.embed_questions([question])[0])
            assert asked.words.shape == (len(asked.weights), encoder.width)
            assert (asked.weights > 0).all()

    @settings(max_examples=10, deadline=None)
    @given(st.permutations(range(len(TEXTS))), st.integers(1, 3))
    def test_nothing_depends_on_other_texts(self, order: list[int], threads: int) -> None:
        together = SanadEmbedder(threads).embed_with_words([TEXTS[i] for i in order] * 2)
        for at, told in zip(order * 2, together, strict=True):
            alone = SanadEmbedder(2).embed_with_words([TEXTS[at]])[0]
            assert np.array_equal(told.vector, alone.vector) and np.array_equal(told.words, alone.words)

    def test_arabic_is_read_in_english(self) -> None:
        encoder = SanadEmbedder()
        question, passage = "من هو وزير الدفاع الروسي؟", TEXTS[1]
        assert "Russia" in as_passage(passage) and as_question(question).startswith("who is")
        (english,) = encoder.embed_passages([as_question(question)])
        assert 0.7 < float(english @ encoder.embed_questions([question])[0]) < 0.999
        assert np.array_equal(
            encoder.embed_passages([passage])[0], encoder.embed_passages([as_passage(passage)])[0]
        )
        for text in (TEXTS[0], "1945", "кто?"):
            assert as_passage(text) == as_question(text) == text

    def test_a_word_is_nearest_to_its_like(self) -> None:
        encoder = SanadEmbedder()
        asked = encoder.embed_question_with_words("Where do penguins breed?")
        (told,) = encoder.embed_with_words(["The bakery opens at six. Penguins reproduce on the coast."])
        near = asked.words @ told.words.T
        words = "the bakery opens at six penguins reproduce on the coast".split()
        assert words[int(near[2].argmax())] == "penguins"
        assert words[int(near[3].argmax())] == "reproduce"

    @given(
        st.lists(
            st.sampled_from(["Yes.", "snow-fall", "U.S.", "F-16", "ذهب الوزير", "«نعم»", "\n", " ", "…"])
        )
    )
    def test_the_tokens_of_words_lie_within_and_apart(self, pieces: list[str]) -> None:
        text = " ".join(pieces)
        encoding = tokenizer().encode_batch([text])[0]
        found = tokens_of_words(text, encoding)
        every = [token for tokens in found for token in tokens]
        assert every == sorted(set(every))
        assert all(0 < token < len(encoding.ids) - 1 for token in every)
        left = set(range(1, len(encoding.ids) - 1)) - set(every)
        assert not any(char.isalnum() for token in left for char in text[slice(*encoding.offsets[token])])

    def test_of_a_text_that_is_cut_the_words_within_count(self) -> None:
        text = " ".join(f"Sentence number {n} speaks of nothing at all." for n in range(60))
        (told,) = SanadEmbedder().embed_with_words([text])
        assert 180 < len(told.words) < 256
        assert np.isfinite(told.words).all()
