"""Vector stores: the same answers from NumPy and FAISS, and a file that is never trusted."""

import errno
import os
import shutil

import numpy as np
import pytest
from contracts.vector_store import DIMENSION, ExactStore, VectorStoreContract, unit

from rag import vectorfile, vectors
from rag.vectorfile import Unfit
from rag.vectors import FaissStore


def faiss_store(ids, rows, kind="flat") -> FaissStore:
    ids = np.asarray(list(ids), np.int64)
    half = rows.astype(np.float16).astype(np.float32).reshape(-1, DIMENSION)

    def blocks():
        for at in range(0, len(ids), 300):
            yield ids[at : at + 300], half[at : at + 300]

    return vectors.make(blocks, len(ids), DIMENSION, kind)


def keep(store, folder, generation=1, stamp="s"):
    vectorfile.write(store, folder, generation, stamp)
    vectorfile.put(folder)


class TestExactStore(VectorStoreContract):
    def make(self, ids, rows):
        return ExactStore(list(ids), rows)


class TestFlat(VectorStoreContract):
    def make(self, ids, rows):
        return faiss_store(ids, rows)


class TestGraph(VectorStoreContract):
    least = 0.97

    def make(self, ids, rows):
        return faiss_store(ids, rows, "hnsw")


class TestReadBack(VectorStoreContract):
    """A store that was written to a file and read again, mapped into memory."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, monkeypatch):
        self.folder = tmp_path
        monkeypatch.setattr(vectorfile, "MAPPED", 0)

    def make(self, ids, rows):
        made = faiss_store(ids, rows)
        keep(made, self.folder, 1, "s")
        return vectorfile.read(self.folder, 1, "s", len(made), DIMENSION)[0]


@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_an_approximate_search_finds_98_of_100_neighbours(kind, capfd):
    rows = unit(3000)
    store = faiss_store(range(1, 3001), rows, kind)
    assert store.setting.recall >= vectors.RECALL
    assert store.setting.effort > 0
    noise = np.random.default_rng(5).standard_normal((100, DIMENSION)).astype(np.float32)
    questions = rows[::30] + 0.15 * noise
    found, _ = store.search(questions, 10)
    true, _ = ExactStore(range(1, 3001), rows).search(questions, 10)
    shared = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), true.tolist(), strict=True))
    assert shared / true.size >= 0.95
    capfd.readouterr()  # FAISS remarks on the small sample


@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_an_approximate_store_survives_its_file(kind, tmp_path, capfd, monkeypatch):
    store = faiss_store(range(1, 1501), unit(1500), kind)
    keep(store, tmp_path, 4, "s")
    questions = unit(20, seed=9)
    for mapped in (0, 1 << 30):
        monkeypatch.setattr(vectorfile, "MAPPED", mapped)
        again, footer = vectorfile.read(tmp_path, 4, "s", 1500, DIMENSION)
        assert again.setting == store.setting == footer.setting
        assert again.search(questions, 10)[0].tolist() == store.search(questions, 10)[0].tolist()
    capfd.readouterr()


def test_the_kind_follows_size_and_memory():
    assert vectors.kind_for(200_000, 384) == "flat"
    assert vectors.kind_for(1_000_000, 384, memory=8 << 30) == "hnsw"
    assert vectors.kind_for(1_000_000, 384, memory=1 << 30) == "ivf"
    assert vectors.kind_for(500_000, 128, memory=0) == "flat"


class TestUpdating:
    def test_a_flat_store_equals_one_made_anew(self):
        rows = unit(60)
        old = faiss_store(range(1, 51), rows[:50])
        new = vectors.updated(old, np.array([1, 17, 50, 777]), np.arange(60, 70), rows[50:], "flat")
        ids = [*range(2, 17), *range(18, 50), *range(60, 70)]
        fresh = faiss_store(ids, np.concatenate([rows[1:16], rows[17:49], rows[50:]]))
        assert len(new) == len(fresh) == len(ids)
        for ours, theirs in zip(
            new.search(unit(9, seed=5), 57), fresh.search(unit(9, seed=5), 57), strict=True
        ):
            assert ours.tolist() == theirs.tolist()

    def test_a_flat_store_can_be_emptied_and_filled(self):
        old = faiss_store([1, 2], unit(2))
        none = vectors.updated(old, np.array([1, 2]), np.empty(0, np.int64), unit(0), "flat")
        assert len(none) == 0
        some = vectors.updated(none, np.array([], np.int64), np.array([3]), unit(1), "flat")
        assert some.search(unit(1), 2)[0].tolist() == [[3, -1]]

    def test_a_graph_never_gives_what_was_deleted(self, tmp_path):
        rows = unit(400)
        old = faiss_store(range(1, 401), rows, "hnsw")
        gone = np.arange(1, 31)
        new = vectors.updated(old, gone, np.array([500]), unit(1, seed=8), "hnsw")
        assert len(new) == 371
        keep(new, tmp_path, 1, "s")
        for store in (new, vectorfile.read(tmp_path, 1, "s", 371, DIMENSION)[0]):
            found, _ = store.search(rows[:30], 371)
            assert not set(found.ravel().tolist()) & set(gone.tolist())
            assert store.search(unit(1, seed=8), 1)[0].tolist() == [[500]]

    def test_is_made_anew_when_it_outgrows_its_kind(self):
        nothing = np.empty(0, np.int64)
        assert vectors.updated(faiss_store([1], unit(1)), nothing, nothing, unit(0), "hnsw") is None

    def test_a_graph_is_made_anew_when_much_was_deleted_or_little_is_left(self):
        nothing = np.empty(0, np.int64)
        graph = faiss_store(range(1, 101), unit(100), "hnsw")
        assert vectors.updated(graph, np.arange(1, 20), nothing, unit(0), "hnsw") is None
        assert vectors.updated(graph, nothing, nothing, unit(0), "flat") is None


class TestFile:
    @pytest.fixture
    def written(self, tmp_path):
        store = faiss_store(range(1, 2001), unit(2000))
        keep(store, tmp_path, 3, "stamp")
        return tmp_path

    def read(self, folder, generation=3, stamp="stamp", count=2000, dimension=DIMENSION, **options):
        return vectorfile.read(folder, generation, stamp, count, dimension, **options)

    def test_holds_what_was_written(self, written):
        store, footer = self.read(written)
        assert (len(store), footer.generation) == (2000, 3)
        assert vectorfile.intact(written, footer)
        assert [path.name for path in written.iterdir()] == [vectorfile.NAME]

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ({"generation": 4}, "generation 3, not 4"),
            ({"stamp": "other"}, "generation"),
            ({"count": 1999}, "2000 vectors"),
            ({"dimension": 12}, "of 24, not 2000 of 12"),
        ],
    )
    def test_is_refused_when_it_is_not_the_one_asked_for(self, written, wrong, why):
        with pytest.raises(Unfit, match=why):
            self.read(written, **wrong)

    def test_says_when_it_is_newer(self, written):
        for generation, newer in ((2, True), (4, False)):
            with pytest.raises(Unfit) as caught:
                self.read(written, generation=generation)
            assert caught.value.newer is newer

    def test_is_refused_when_missing(self, tmp_path):
        with pytest.raises(Unfit, match="missing"):
            self.read(tmp_path)

    @pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
    def test_is_refused_when_short(self, written, kept):
        path = written / vectorfile.NAME
        os.truncate(path, int(path.stat().st_size * kept))
        with pytest.raises(Unfit):
            self.read(written)

    def test_is_refused_when_longer(self, written):
        with open(written / vectorfile.NAME, "ab") as file:
            file.write(b"more")
        with pytest.raises(Unfit):
            self.read(written)

    @pytest.mark.parametrize("foreign", [b"", b"hello", b"\0" * 5000, os.urandom(5000), b"{}" * 99])
    def test_is_refused_when_foreign(self, written, foreign):
        (written / vectorfile.NAME).write_bytes(foreign)
        with pytest.raises(Unfit):
            self.read(written)

    def test_any_changed_byte_is_found(self, written):
        path = written / vectorfile.NAME
        whole = path.read_bytes()
        for at in np.linspace(0, len(whole) - 1, 60).astype(int):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
            with pytest.raises(Unfit):
                self.read(written)

    def test_a_mapped_file_is_checked_at_its_ends_at_once_and_inside_later(self, tmp_path, monkeypatch):
        monkeypatch.setattr(vectorfile, "MAPPED", 0)
        store = faiss_store(range(1, 6001), unit(6000))
        keep(store, tmp_path, 3, "stamp")
        path = tmp_path / vectorfile.NAME
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + b"damage" + whole[middle + 6 :])
        _, footer = self.read(tmp_path, count=6000)
        assert not vectorfile.intact(tmp_path, footer)
        with pytest.raises(Unfit, match="changed"):
            self.read(tmp_path, count=6000, owned=True)
        path.write_bytes(b"x" + whole[1:])
        with pytest.raises(Unfit, match="changed"):
            self.read(tmp_path, count=6000)

    @pytest.mark.parametrize("fails", ["fsync", "write"])
    def test_a_failing_disk_leaves_the_old_file_and_nothing_else(self, written, monkeypatch, fails):
        def fail(*_):
            raise OSError(errno.EIO, "Input/output error")

        before = (written / vectorfile.NAME).read_bytes()
        monkeypatch.setattr(
            *((os, "fsync", fail) if fails == "fsync" else (vectorfile, "_write_faiss", fail))
        )
        with pytest.raises(OSError, match="Input/output"):
            vectorfile.write(faiss_store([1], unit(1)), written, 4, "new")
        assert [path.name for path in written.iterdir()] == [vectorfile.NAME]
        assert (written / vectorfile.NAME).read_bytes() == before

    def test_what_faiss_cannot_write_is_a_system_error(self, tmp_path):
        shutil.rmtree(tmp_path)
        with pytest.raises(OSError):
            vectorfile.write(faiss_store([1], unit(1)), tmp_path, 1, "s")
