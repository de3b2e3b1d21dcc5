"""Vector stores: the same answers from NumPy and FAISS, and a file that is never trusted."""

import errno
import os
import shutil
import tracemalloc

import numpy as np
import pytest
from contracts.vector_store import DIMENSION, ExactStore, VectorStoreContract, unit
from shelf import age

from rag import cells, vectorfile, vectors
from rag.vectorfile import Unfit
from rag.vectors import FaissStore


def faiss_store(ids, rows, kind="flat") -> FaissStore:
    ids = np.asarray(list(ids), np.int64)
    half = rows.astype(np.float16).astype(np.float32).reshape(-1, DIMENSION)

    def blocks():
        for at in range(0, len(ids), 300):
            yield ids[at : at + 300], half[at : at + 300]

    return vectors.make(blocks, len(ids), DIMENSION, kind)


APPROXIMATE = ("ivf_fp16", "ivf_pq")


def keep(store, folder, generation=1, stamp="s"):
    vectorfile.write(store, folder, generation, stamp)
    vectorfile.put(folder)


class TestExactStore(VectorStoreContract):
    def make(self, ids, rows):
        return ExactStore(list(ids), rows)


class TestFlat(VectorStoreContract):
    def make(self, ids, rows):
        return faiss_store(ids, rows)


class TestCells(VectorStoreContract):
    least = 0.97

    def make(self, ids, rows):
        return faiss_store(ids, rows, "ivf_fp16")


class TestCompressedCells(VectorStoreContract):
    least = 0.97

    def make(self, ids, rows):
        return faiss_store(ids, rows, "ivf_pq")


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


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_an_approximate_search_finds_98_of_100_neighbours(kind):
    rows = unit(3000)
    store = faiss_store(range(1, 3001), rows, kind)
    assert store.setting.kind == kind
    assert store.setting.recall >= vectors.RECALL
    assert 0 < store.setting.effort <= cells.number_of(store.index) == 75
    noise = np.random.default_rng(5).standard_normal((100, DIMENSION)).astype(np.float32)
    questions = rows[::30] + 0.15 * noise
    found, _ = store.search(questions, 10)
    true, _ = ExactStore(range(1, 3001), rows).search(questions, 10)
    shared = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), true.tolist(), strict=True))
    assert shared / true.size >= 0.98


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_no_fewer_cells_would_have_done(kind):
    made = faiss_store(range(1, 3001), unit(3000), kind)
    at = cells.EFFORTS.index(made.setting.effort)
    assert at > 0
    nearest = cells.Nearest(cells.questions(unit(3000)))
    nearest.see(made.ids, unit(3000))
    fewer = FaissStore(made.index, made.ids, vectors.Setting(kind, cells.EFFORTS[at - 1], 0.0, 3000))
    assert nearest.recall(fewer.search(nearest.asked, 10)[0]) < vectors.RECALL


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_every_passage_can_be_asked_for_however_few_cells_are_looked_into(kind):
    made = faiss_store(range(1, 2001), unit(2000), kind)
    narrow = FaissStore(made.index, made.ids, vectors.Setting(kind, 1, 0.0, 2000))
    for k in (10, 300, 2000):
        found, _ = narrow.search(unit(3, seed=9), k)
        assert [len(set(row) - {-1}) for row in found.tolist()] == [k] * 3
    few = np.array([7, 70, 700, 1999])
    assert sorted(narrow.search(unit(1, seed=9), 6, few)[0][0].tolist()) == [-1, -1, *few]


def test_full_cells_score_as_the_exact_search_does():
    rows, questions = unit(2000), unit(20, seed=9)
    made, exact = faiss_store(range(1, 2001), rows, "ivf_fp16"), ExactStore(range(1, 2001), rows)
    found, scores = made.search(questions, 2000)
    true, best = exact.search(questions, 2000)
    for ours, theirs, our_scores, their_scores in zip(found, true, scores, best, strict=True):
        ours_at, theirs_at = np.argsort(ours), np.argsort(theirs)
        np.testing.assert_allclose(our_scores[ours_at], their_scores[theirs_at], atol=2e-6)


def test_the_nearest_are_gathered_over_blocks():
    rows, asked = unit(500), unit(8, seed=2)
    nearest = cells.Nearest(asked)
    for at in range(0, 500, 7):
        nearest.see(np.arange(at, min(at + 7, 500)), rows[at : at + 7])
    true = np.argsort(-(asked @ rows.T), axis=1)[:, :10]
    assert np.sort(nearest.ids).tolist() == np.sort(true).tolist()
    assert nearest.recall(true) == 1.0
    assert nearest.recall(np.where(np.arange(10) < 5, true, -1)) == 0.5


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_an_approximate_store_survives_its_file(kind, tmp_path, monkeypatch):
    store = faiss_store(range(1, 1501), unit(1500), kind)
    keep(store, tmp_path, 4, "s")
    questions = unit(20, seed=9)
    for mapped in (0, 1 << 30):
        monkeypatch.setattr(vectorfile, "MAPPED", mapped)
        again, footer = vectorfile.read(tmp_path, 4, "s", 1500, DIMENSION)
        assert again.setting == store.setting == footer.setting
        assert again.search(questions, 10)[0].tolist() == store.search(questions, 10)[0].tolist()


@pytest.mark.parametrize("kind", APPROXIMATE)
@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_few_vectors_are_arranged_as_far_as_they_go(kind, count):
    made = faiss_store(range(1, count + 1), unit(count), kind)
    assert made.setting.kind == ("ivf_fp16" if count else "flat")
    assert made.search(unit(1, seed=9), 5)[0].tolist() == (
        ExactStore(range(1, count + 1), unit(count)).search(unit(1, seed=9), 5)[0].tolist()
    )


def test_the_kind_follows_size_and_memory():
    assert vectors.kind_for(400_000, 384) == "flat"
    assert vectors.kind_for(400_001, 384, memory=8 << 30) == "ivf_fp16"
    assert vectors.kind_for(1_000_000, 384, memory=8 << 30) == "ivf_fp16"
    assert vectors.kind_for(1_000_000, 384, memory=1 << 30) == "ivf_pq"
    assert vectors.kind_for(500_000, 128, memory=0) == "flat"


def test_a_sample_does_not_hold_on_to_the_vectors_that_it_was_drawn_from():
    block, many = unit(1000), 60
    tracemalloc.start()
    try:
        sample = vectors._sample(lambda: ((np.arange(1000), block.copy()) for _ in range(many)), 60_000, 600)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sample.shape == (600, DIMENSION)
    assert peak < 6 * block.nbytes


def test_a_million_vectors_lie_in_about_4000_cells():
    assert cells.cells_for(1_000_000) == 4000
    assert [cells.cells_for(count) for count in (0, 1, 39, 80)] == [1, 1, 1, 2]


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

    @pytest.mark.parametrize("kind", APPROXIMATE)
    def test_cells_never_give_what_was_deleted_and_find_what_was_added(self, kind, tmp_path):
        rows = unit(400)
        old = faiss_store(range(1, 401), rows, kind)
        gone = np.arange(1, 31)
        new = vectors.updated(old, gone, np.array([500]), unit(1, seed=8), kind)
        assert new.setting.learned == 400
        assert len(new) == 371
        keep(new, tmp_path, 1, "s")
        for store in (new, vectorfile.read(tmp_path, 1, "s", 371, DIMENSION)[0]):
            found, _ = store.search(rows[:30], 371)
            assert not set(found.ravel().tolist()) & set(gone.tolist())
            assert (found >= 0).all()
            assert store.search(unit(1, seed=8), 1)[0].tolist() == [[500]]

    def test_is_made_anew_when_it_outgrows_its_kind(self):
        nothing = np.empty(0, np.int64)
        assert vectors.updated(faiss_store([1], unit(1)), nothing, nothing, unit(0), "ivf_fp16") is None

    @pytest.mark.parametrize("kind", APPROXIMATE)
    def test_cells_are_made_anew_when_much_was_deleted_or_added_or_little_is_left(self, kind):
        nothing, some = np.empty(0, np.int64), np.arange(501, 1001)

        def after(gone, ids, next_kind=kind):
            old = faiss_store(range(1, 301), unit(300), kind)
            return vectors.updated(old, gone, ids, unit(len(ids), seed=8), next_kind)

        assert len(after(np.arange(1, 31), nothing)) == 270
        assert after(np.arange(1, 32), nothing) is None
        assert len(after(nothing, some[:300])) == 600
        assert after(nothing, some[:301]) is None
        assert after(nothing, nothing, "flat") is None
        assert len(after(nothing, nothing, "ivf_pq" if kind == "ivf_fp16" else "ivf_fp16")) == 300


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

    @pytest.mark.parametrize("kind", ["hnsw", "ivf"])
    def test_of_a_kind_that_is_no_longer_made_is_refused(self, written, kind):
        age(written / vectorfile.NAME, kind)
        with pytest.raises(Unfit, match=f"older version of Sanad made it as '{kind}'"):
            self.read(written)

    def test_of_another_format_is_refused_by_its_name(self, written):
        path = written / vectorfile.NAME
        path.write_bytes(path.read_bytes()[:-2] + b"0\n")
        with pytest.raises(Unfit, match="its format is sanad-vectors/0, not sanad-vectors/1"):
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
