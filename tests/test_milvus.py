"""Vectors on a server, on Milvus Lite for real: the same answers, one write path, and mending."""

import contextlib
import shutil
from contextlib import closing
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import shelf
from contracts.vector_store import DIMENSION, VectorStoreContract
from shelf import CONFIG, WordEmbedder, mark, said

from rag import buildcli, served, store, vectorfile
from rag.assemble import server_of
from rag.audit import verify
from rag.build import build, delete
from rag.config import Config
from rag.errors import IndexError_, InputError
from rag.index import Index
from rag.types import Filter, Holding, VectorRow

pytest.importorskip("pymilvus", reason="the milvus extra is not installed")
pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")

from rag.extras.milvus import MilvusStore, expression

EMBEDDER = WordEmbedder()
_NUMBERS = count()


@pytest.fixture(scope="module")
def uri(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("milvus") / "lite.db")


@pytest.fixture
def server(uri):
    """A collection of its own."""
    with closing(MilvusStore(uri, f"test_{next(_NUMBERS)}")) as made:
        yield made


def row(id_, vector, **fields) -> VectorRow:
    about = {"owner": "o", "source": "s", "article_id": "a", "language": "en", "date": None}
    return VectorRow(id_, vector, **(about | fields))


class TestContract(VectorStoreContract):
    @pytest.fixture(autouse=True)
    def _server(self, server, uri):
        self.server = server

    def make(self, ids, rows):
        self.server._collection = f"test_{next(_NUMBERS)}"
        half = rows.astype(np.float16).astype(np.float32)
        self.server.declare(Holding("x", 1, "s", False), DIMENSION)
        self.server.put([row(id_, vector) for id_, vector in zip(ids, half, strict=True)])
        return self.server


def sources(folder, server, question=None, where=Filter()):
    with Index.open(folder, server=server) as index, index.snapshot() as snapshot:
        (hits,) = snapshot.dense(EMBEDDER.embed_questions([question or "bridge"]), 50, where)
        return shelf.sources_of(snapshot, [id_ for id_, _ in hits])


@pytest.fixture
def articles(tmp_path):
    return shelf.write(tmp_path / "articles", *range(4))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def built(folder, articles, server):
    build([articles], folder, EMBEDDER, CONFIG, server=server)
    return folder


def same_as_sqlite(folder, server) -> bool:
    """Whether the server holds exactly the rows of SQLite."""
    with closing(store.open_to_read(folder)) as db:
        return list(served._differences(db, server)) == [] and len(server) == store.size(db, folder)


class TestBuilding:
    def test_answers_are_those_of_the_file(self, built, server, articles, tmp_path):
        build([articles], tmp_path / "other", EMBEDDER, CONFIG)
        questions = EMBEDDER.embed_questions([said(n) for n in range(4)])
        with Index.open(tmp_path / "other") as index, index.snapshot() as snapshot:
            wanted = snapshot.dense(questions, 7)
        with Index.open(built, server=server) as index, index.snapshot() as snapshot:
            found = snapshot.dense(questions, 7)
            assert snapshot.dense(questions[:1], 0) == [[]]
        assert [[id_ for id_, _ in hits] for hits in found] == [[id_ for id_, _ in hits] for hits in wanted]
        for hits, others in zip(found, wanted, strict=True):
            np.testing.assert_allclose([s for _, s in hits], [s for _, s in others], atol=2e-6)

    def test_there_is_no_vector_file(self, built):
        assert not (built / vectorfile.NAME).exists()
        assert verify(built, derived=False) == []

    def test_an_update_and_a_deletion_arrive(self, built, server, articles):
        shelf.write(articles, 1, 5, version=1)
        report = build([articles], built, EMBEDDER, CONFIG, server=server)
        assert (report.added, report.changed) == (("0005.txt",), ("0001.txt",))
        assert same_as_sqlite(built, server)
        delete(["0002.txt"], built, server=server)
        assert same_as_sqlite(built, server)
        assert "0002.txt" not in sources(built, server)
        assert sources(built, server, mark(1, 1))[0] == "0001.txt"

    def test_the_same_build_again_writes_nothing(self, built, server, articles, monkeypatch):
        monkeypatch.setattr(server, "put", lambda rows: pytest.fail("written again"))
        build([articles], built, EMBEDDER, CONFIG, server=server)

    def test_a_file_index_moves_to_the_server_by_the_same_command(self, folder, articles, server):
        build([articles], folder, EMBEDDER, CONFIG)
        with pytest.raises(IndexError_, match=r"holds nothing.*--verify"):
            Index.open(folder, server=server)
        build([articles], folder, EMBEDDER, CONFIG, server=server)
        assert same_as_sqlite(folder, server)

    @pytest.mark.parametrize("where", [
        Filter(language="ar"), Filter(language="en"), Filter(sources=("0001.txt", "0002.txt")),
        Filter(sources=('no "such\\ one',)), Filter(since="2020"), Filter(until="2020-01"),
    ])  # fmt: skip
    def test_filters_work_on_the_server(self, built, server, where):
        with Index.open(built) as index, index.snapshot() as snapshot:
            (hits,) = snapshot.dense(EMBEDDER.embed_questions(["bridge"]), 50, where)
            wanted = shelf.sources_of(snapshot, [id_ for id_, _ in hits])
        assert sorted(sources(built, server, where=where)) == sorted(wanted)


def test_dates_are_filtered_as_sqlite_filters_them(server):
    dates = [None, "2019", "2020-01", "2020-01-15", "2020-02-01"]
    server.declare(Holding("x", 1, "s", False), DIMENSION)
    vector = np.eye(1, DIMENSION, dtype=np.float32)[0]
    server.put([row(id_, vector, date=date) for id_, date in enumerate(dates, 1)])
    for where, wanted in [
        (Filter(since="2020-01-20"), [3, 5]),
        (Filter(until="2020-01-20"), [2, 3, 4]),
        (Filter(since="2020", until="2020-01"), [3, 4]),
        (Filter(article_ids=("a",), since="2019", until="2019"), [2]),
    ]:
        found, _ = server.search(vector[None], 5, where=where)
        assert [id_ for id_ in found[0].tolist() if id_ > 0] == wanted


def test_quotes_in_a_name_stay_inside_it():
    assert expression(Filter(sources=('a" or id > 0 or "',))) == (
        '(source in ["a\\" or id > 0 or \\""] or owner in ["a\\" or id > 0 or \\""])'
    )


class Killed(Exception):
    pass


class TestFaults:
    @pytest.mark.parametrize("step", ["declare", "put", "remove"])
    @pytest.mark.parametrize("at", [1, 2, 3])
    def test_a_write_killed_anywhere_is_mended_by_the_next(
        self, built, server, articles, monkeypatch, step, at
    ):
        before = set(sources(built, server))
        calls = count(1)
        real = getattr(server, step)

        def dies(*arguments):
            if next(calls) == at:
                raise Killed
            real(*arguments)

        shelf.write(articles, 1, 6, 7, version=2)
        (articles / "0003.txt").unlink()
        monkeypatch.setattr(server, step, dies)
        monkeypatch.setattr(served, "_BLOCK", 4)
        with contextlib.suppress(Killed):
            build([articles], built, EMBEDDER, CONFIG, remove=["0003.txt"], server=server)
        after = {"0000.txt", "0001.txt", "0002.txt", "0006.txt", "0007.txt"}
        with closing(store.open_to_read(built)) as db:
            key, _ = store.generation(db, built)
        assert set(sources(built, server)) == (before if key == 1 else after)
        monkeypatch.setattr(server, step, real)
        remove = ["0003.txt"] if key == 1 else []
        build([articles], built, EMBEDDER, CONFIG, remove=remove, server=server)
        assert set(sources(built, server)) == after
        assert same_as_sqlite(built, server)
        assert served.mend(built, server) == []

    def test_what_was_pushed_before_a_kill_is_not_pushed_again(self, folder, articles, server, monkeypatch):
        written = []
        real = server.put

        def put(rows):
            if len(written) > 6:
                raise Killed
            written.extend(row.id for row in rows)
            real(rows)

        monkeypatch.setattr(server, "put", put)
        monkeypatch.setattr(served, "_BLOCK", 2)
        with pytest.raises(Killed):
            build([articles], folder, EMBEDDER, CONFIG, server=server)
        first = list(written)
        written.clear()
        monkeypatch.setattr(server, "put", lambda rows: (written.extend(r.id for r in rows), real(rows)))
        build([articles], folder, EMBEDDER, CONFIG, server=server)
        assert len(first) > 6
        assert not set(first) & set(written)
        assert same_as_sqlite(folder, server)

    def test_verify_finds_and_mends_every_difference(self, built, server):
        held = server.rows(0, 1000)
        server.remove([2])
        server.put([row(900, held[1].vector), replace(held[3], language="xx"),
                    replace(held[4], vector=-held[4].vector)])  # fmt: skip
        said_ = served.mend(built, server)
        assert [line.rsplit(": ", 1)[1] for line in said_] == ["1.", "2.", "1."]
        assert same_as_sqlite(built, server)
        assert served.mend(built, server) == []

    def test_verify_fills_an_empty_server(self, built, uri):
        with closing(MilvusStore(uri, f"test_{next(_NUMBERS)}")) as other:
            assert "missing" in served.mend(built, other)[0]
            assert same_as_sqlite(built, other)

    def test_passages_of_another_generation_are_left_out(self, built, server):
        with Index.open(built, server=server) as index, index.snapshot() as old:
            first = old.dense(EMBEDDER.embed_questions([said(0)]), 3)
            vector = EMBEDDER.embed_questions([said(0)])[0]
            server.put([row(id_, vector) for id_ in range(500, 520)])
            assert old.dense(EMBEDDER.embed_questions([said(0)]), 3) == first

    def test_another_indexs_collection_is_not_touched(self, built, server, articles, tmp_path):
        with pytest.raises(IndexError_, match="another index"):
            build([articles], tmp_path / "second", EMBEDDER, CONFIG, server=server)
        assert same_as_sqlite(built, server)

    def test_an_older_generation_on_the_server_is_named(self, built, server, articles, tmp_path):
        shutil.copytree(built, tmp_path / "ahead")
        shelf.write(articles, 9)
        build([articles], tmp_path / "ahead", EMBEDDER, CONFIG)
        with pytest.raises(IndexError_, match="holds generation 1, not generation 2"):
            Index.open(tmp_path / "ahead", server=server)

    def test_vectors_of_another_length_are_refused(self, built, server):
        with pytest.raises(IndexError_, match="holds vectors of 64 numbers, not 24"):
            server.declare(Holding("x", 1, "s", False), 24)

    def test_a_server_that_is_not_there_is_named(self):
        nowhere = MilvusStore("http://127.0.0.1:9")
        with pytest.raises(IndexError_, match=r"at http://127\.0\.0\.1:9 cannot be used"):
            nowhere.holding()


class TestSettings:
    def test_choose_the_server(self, uri):
        assert server_of(Config()) is None
        made = server_of(Config(vectors="milvus", milvus_uri=uri, milvus_collection="mine"))
        assert made is not None
        assert made.name == f"mine in Milvus at {uri}"
        with pytest.raises(InputError, match="milvus_uri"):
            server_of(Config(vectors="milvus"))

    def test_the_command_verifies_and_mends(self, built, server, uri, tmp_path, capsys, monkeypatch):
        settings = tmp_path / "sanad.toml"
        name = server._collection
        settings.write_text(f'vectors = "milvus"\nmilvus_uri = "{uri}"\nmilvus_collection = "{name}"\n')
        server.remove([1])
        server.close()
        command = ["--verify", "--index", str(built), "--config", str(settings)]
        assert buildcli.main(command) == 0
        assert "missing and are there now: 1." in capsys.readouterr().out
        assert buildcli.main(command) == 0
        assert capsys.readouterr().out == f"{built} is whole\n"
