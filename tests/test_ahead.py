"""Embedding while a build still reads: what it may never change, however the two threads meet."""

import itertools
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shelf
from shelf import CONFIG, WordEmbedder

from rag import ahead, store
from rag.ahead import Ahead
from rag.audit import verify
from rag.build import build, contract_of
from rag.errors import IndexError_, ModelError
from rag.index import Index
from rag.protocols import ToldVectors
from rag.read import read_paths
from rag.stage import Stage


class Alone(WordEmbedder):
    alone = True

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[str] = set()
        self.texts: list[str] = []

    def embed_passages(self, texts):
        self.threads.add(threading.current_thread().name)
        self.texts += texts
        return super().embed_passages(texts)


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def embedded(texts):
    return [ToldVectors(vector, vector[None, :0]) for vector in WordEmbedder().embed_passages(texts)]


def vectors_of(folder: Path) -> dict[str, np.ndarray]:
    embedder = WordEmbedder()
    with Index.open(folder) as index, index.snapshot() as snapshot:
        passages = [p for a in snapshot.articles() for p in snapshot.passages_of(a.id)]
        found = {}
        for passage in passages:
            (hits,) = snapshot.dense(embedder.embed_questions([passage.text]), len(passages))
            found[passage.text] = np.array([score for _, score in sorted(hits)])
        return found


class TestAhead:
    def test_everything_offered_is_made_under_its_id(self):
        embedder = WordEmbedder()
        worker = Ahead(embedded)
        worker.offer([(7, "one two"), (3, "three"), (5, "")])
        made: list[ahead.Made] = []
        until(lambda: made.extend(worker.made()) or len(made) == 3)
        worker.stop()
        assert [(id_, text) for id_, text, _ in made] == [(7, "one two"), (3, "three"), (5, "")]
        for _, text, told in made:
            np.testing.assert_array_equal(told.vector, embedder.embed_questions([text])[0])
        assert worker.made() == []

    def test_what_there_is_no_room_for_is_left_out_without_waiting(self, monkeypatch):
        monkeypatch.setattr(ahead, "_WAITING", 10)
        go = threading.Event()

        def slow(texts):
            go.wait(10)
            return embedded(texts)

        worker = Ahead(slow)
        worker.offer((i, str(i)) for i in itertools.count() if i < 10_000 or pytest.fail("it never stops"))
        go.set()
        worker.stop()
        made = worker.made()
        assert 0 < len(made) <= 11
        assert [id_ for id_, _, _ in made] == list(range(len(made)))

    def test_a_failing_encoder_ends_it_quietly(self):
        def failing(texts):
            raise ModelError("it broke")

        worker = Ahead(failing)
        worker.offer([(1, "a")])
        until(lambda: not worker._thread.is_alive())
        worker.offer([(2, "b")])
        worker.stop()
        assert worker.made() == []


class TestBuild:
    def test_the_index_is_as_without_it(self, tmp_path):
        articles = shelf.write(tmp_path / "articles", *range(12))
        embedder = Alone()
        build([articles], tmp_path / "ahead", embedder, CONFIG)
        build([articles], tmp_path / "after", WordEmbedder(), CONFIG)
        one, other = vectors_of(tmp_path / "ahead"), vectors_of(tmp_path / "after")
        assert one.keys() == other.keys()
        for text, scores in one.items():
            np.testing.assert_array_equal(scores, other[text])
        assert len(embedder.texts) == len(set(embedder.texts)) == len(one)
        assert verify(tmp_path / "ahead") == []

    def test_it_happens_while_reading(self, tmp_path, monkeypatch):
        embedder = Alone()
        put = Stage.put

        def put_and_wait(stage, *args):
            put(stage, *args)
            until(lambda: embedder.texts)

        monkeypatch.setattr(Stage, "put", put_and_wait)
        build([shelf.write(tmp_path / "articles", 0, 1)], tmp_path / "index", embedder, CONFIG)
        assert "sanad-ahead" in embedder.threads

    def test_an_encoder_that_pads_batches_waits_for_all_texts(self, tmp_path):
        embedder = Alone()
        embedder.alone = False
        build([shelf.write(tmp_path / "articles", 0, 1)], tmp_path / "index", embedder, CONFIG)
        assert embedder.threads == {threading.current_thread().name}

    def test_its_failure_is_told_by_the_build(self, tmp_path):
        class Broken(Alone):
            def embed_passages(self, texts):
                return np.full((len(texts), self.dimension), np.nan, np.float32)

        with pytest.raises(ModelError, match="length 1"):
            build([shelf.write(tmp_path / "articles", 0, 1)], tmp_path / "index", Broken(), CONFIG)

    def test_no_thread_outlives_a_build_that_fails(self, tmp_path, monkeypatch):
        def put(stage, *args):
            raise OSError("no room")

        monkeypatch.setattr(Stage, "put", put)
        with pytest.raises(IndexError_, match="no room"):
            build([shelf.write(tmp_path / "articles", 0)], tmp_path / "index", Alone(), CONFIG)
        assert not [t for t in threading.enumerate() if t.name == "sanad-ahead"]

    def test_a_vector_of_a_dropped_passage_goes_to_no_other(self, tmp_path):
        """Ids of dropped passages are given again: the text must be the one that was embedded."""
        embedder, folder = Alone(), tmp_path / "index"
        folder.mkdir()
        with closing(Stage(folder, contract_of(embedder, CONFIG))) as stage:
            stage.embed_ahead(embedder)
            for version in (0, 1):
                (source,) = read_paths([shelf.write(tmp_path / "articles", 0, version=version)])
                stage.put("0000.txt", source.content_hash, source.articles, embedder, CONFIG)
                until(lambda: not stage._ahead._texts.qsize())
            stage.embed(embedder, lambda done, total: None)
            rows = stage._db.execute("SELECT embedded, vector FROM passages").fetchall()
        assert len(rows) > 1
        for text, blob in rows:
            assert blob == store.blob(embedder.embed_questions([text])[0])
