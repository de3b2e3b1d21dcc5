"""Building: what goes in, what comes out, and what no fault may leave behind."""

import errno
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shelf
from shelf import CONFIG, WordEmbedder, dense_sources, holdings, lexical_sources, mark, said
from soak import kill_builds

import rag.embed
import rag.read
from rag import buildcli, stage, store, vectorfile, vectors
from rag.audit import verify
from rag.build import BuildReport, Progress, build, delete
from rag.config import Config
from rag.errors import (
    ContractMismatch,
    IndexError_,
    IndexLocked,
    IndexMissing,
    InputError,
    ModelError,
    RagError,
)
from rag.index import Index
from rag.lock import write_lock
from rag.read import Source


@pytest.fixture
def articles(tmp_path) -> Path:
    return shelf.write(tmp_path / "articles", 0, 1, 2)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "index"


def make(folder: Path, *paths: Path, embedder: WordEmbedder | None = None, **options) -> BuildReport:
    return build(paths, folder, embedder or WordEmbedder(), CONFIG, **options)


def names(*numbers: int) -> tuple[str, ...]:
    return tuple(f"{number:04}.txt" for number in numbers)


class TestLiving:
    def test_a_first_build_adds_everything(self, folder, articles):
        report = make(folder, articles)
        assert report.added == names(0, 1, 2)
        assert (report.articles, report.generation, report.failed) == (3, 1, ())
        assert holdings(folder).keys() == set(names(0, 1, 2))
        assert verify(folder) == []

    def test_unchanged_files_are_skipped_without_encoding(self, folder, articles):
        make(folder, articles)
        embedder = WordEmbedder()
        before = (folder / store.NAME).read_bytes()
        report = make(folder, articles, embedder=embedder)
        assert report.unchanged == names(0, 1, 2)
        assert (report.generation, embedder.calls) == (1, [])
        assert (folder / store.NAME).read_bytes() == before

    def test_a_changed_file_is_replaced_and_only_it_is_encoded(self, folder, articles):
        passages = make(folder, articles).passages
        shelf.write(articles, 1, version=7)
        embedder = WordEmbedder()
        report = make(folder, articles, embedder=embedder)
        assert (report.changed, report.unchanged, report.added) == (names(1), names(0, 2), ())
        assert (report.articles, report.generation, report.passages) == (3, 2, passages)
        assert sum(embedder.calls) < passages
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert lexical_sources(snapshot, mark(1, 7)) == ["0001.txt"]
            assert lexical_sources(snapshot, mark(1, 0)) == []
        assert verify(folder) == []

    def test_new_files_join_old_ones_from_another_folder(self, folder, articles, tmp_path):
        make(folder, articles)
        report = make(folder, shelf.write(tmp_path / "more", 3))
        assert report.added == names(3)
        assert holdings(folder).keys() == set(names(0, 1, 2, 3))

    def test_ids_go_on_from_the_highest_ever(self, folder, articles):
        make(folder, articles)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            used = {p.id for article in snapshot.articles() for p in snapshot.passages_of(article.id)}
        delete(names(0, 1, 2), folder)
        make(folder, articles)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            now = {p.id for article in snapshot.articles() for p in snapshot.passages_of(article.id)}
        assert min(now) > max(used)

    def test_a_build_of_nothing_changes_nothing(self, folder, articles):
        make(folder, articles)
        assert make(folder).generation == 1

    def test_removing_and_adding_may_go_together(self, folder, articles, tmp_path):
        make(folder, articles)
        report = make(folder, shelf.write(tmp_path / "more", 3), remove=names(0))
        assert (report.removed, report.added, report.generation) == (names(0), names(3), 2)
        assert holdings(folder).keys() == set(names(1, 2, 3))

    def test_what_is_removed_and_named_again_is_read_again(self, folder, articles):
        make(folder, articles)
        report = make(folder, articles, remove=names(0))
        assert (report.removed, report.added, report.unchanged) == (names(0), names(0), names(1, 2))
        assert report.articles == 3

    def test_the_vector_file_grown_step_by_step_equals_one_made_at_once(self, folder, articles, tmp_path):
        make(folder, shelf.write(tmp_path / "most", *range(2, 12)))
        make(folder, articles)
        delete(names(2), folder)
        grown = (folder / vectorfile.NAME).read_bytes()
        (folder / vectorfile.NAME).unlink()
        with Index.open(folder) as index, index.snapshot() as snapshot:
            dense_sources(snapshot, WordEmbedder(), said(3))
        made = (folder / vectorfile.NAME).read_bytes()
        assert made[: len(made) // 2] == grown[: len(grown) // 2]
        assert verify(folder) == []

    def test_a_damaged_vector_file_is_not_built_upon(self, folder, articles, tmp_path):
        make(folder, shelf.write(tmp_path / "most", *range(2, 12)))
        path = folder / vectorfile.NAME
        whole = bytearray(path.read_bytes())
        whole[200] ^= 1
        path.write_bytes(whole)
        make(folder, articles)
        assert verify(folder) == []

    @pytest.mark.parametrize(("most", "free", "kind"), [(14, 1 << 30, "ivf_fp16"), (140, 1 << 10, "ivf_pq")])
    def test_a_large_index_gets_cells_and_keeps_them(self, folder, tmp_path, monkeypatch, most, free, kind):
        make(folder, shelf.write(tmp_path / "few", 0, 1))
        monkeypatch.setattr(vectors, "EXACT", 64 * 10)
        monkeypatch.setattr(vectors, "free_memory", lambda: free)
        for step, numbers in enumerate((range(2, most), (most,))):
            make(folder, shelf.write(tmp_path / str(step), *numbers))
            setting = vectorfile.footer_of(folder / vectorfile.NAME).setting
            assert setting.kind == kind
        delete(names(3), folder)
        assert vectorfile.footer_of(folder / vectorfile.NAME).dead
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, WordEmbedder(), said(most), 1) == [f"{most:04}.txt"]
            assert "0003.txt" not in dense_sources(snapshot, WordEmbedder(), said(3), len(snapshot))
        assert verify(folder) == []


class TestDeleting:
    def test_leaves_nothing_in_any_leg_or_file(self, folder, articles):
        make(folder, articles)
        word, text = mark(1), shelf.text(1)
        assert any(word.encode() in path.read_bytes() for path in folder.iterdir())
        with Index.open(folder) as index, index.snapshot() as snapshot:
            (article,) = (a for a in snapshot.articles() if a.source == "0001.txt")
            blobs = [
                store.blob(v) for v in snapshot.vectors([p.id for p in snapshot.passages_of(article.id)])
            ]
        assert delete(names(1), folder).removed == names(1)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert lexical_sources(snapshot, word) == []
            assert "0001.txt" not in dense_sources(snapshot, WordEmbedder(), said(1), len(snapshot))
            assert snapshot.cross([[(term, 1.0)] for term in (word, mark(1, 0))], [], 9) == []
        left = {path.name: path.read_bytes() for path in folder.iterdir()}
        for name, content in left.items():
            for line in (word, text[:20], text[-20:], mark(1, 0)):
                assert line.encode() not in content, name
            for blob in blobs:
                assert blob not in content, name
        assert verify(folder) == []

    def test_a_change_deletes_the_older_text(self, folder, articles):
        make(folder, articles)
        shelf.write(articles, 1, version=5)
        make(folder, articles)
        assert not any(mark(1, 0).encode() in path.read_bytes() for path in folder.iterdir())

    def test_everything_can_go(self, folder, articles):
        make(folder, articles)
        assert delete(names(0, 1, 2), folder).passages == 0
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert len(snapshot) == 0
            assert snapshot.articles() == []
            assert snapshot.dense(WordEmbedder().embed_questions(["bridge"]), 5) == [[]]
            assert lexical_sources(snapshot, "bridge") == []
        assert verify(folder) == []

    def test_needs_no_encoder_and_heeds_no_contract(self, folder, articles):
        make(folder, articles, embedder=WordEmbedder("some@other", 32))
        assert delete(names(1), folder).articles == 2
        assert verify(folder) == []

    def test_a_name_stands_for_what_is_inside_it(self, folder, articles, monkeypatch):
        found = list(rag.read.read_paths([articles]))
        inside = ["pack.zip!a.txt", "pack.zip!b.txt", "news/2016/c.txt"]
        renamed = [
            Source(name, s.content_hash, s.articles, None) for name, s in zip(inside, found, strict=True)
        ]
        monkeypatch.setattr(rag.read, "read_paths", lambda paths: iter(renamed))
        make(folder, articles)
        assert delete(["pack.zip"], folder).removed == ("pack.zip!a.txt", "pack.zip!b.txt")
        assert delete(["news/"], folder).removed == ("news/2016/c.txt",)

    @pytest.mark.parametrize("wrong", ["nothing.txt", "0001", "", "000"])
    def test_an_unknown_name_is_an_input_error_and_changes_nothing(self, folder, articles, wrong):
        make(folder, articles)
        with pytest.raises(InputError, match="--list"):
            delete([names(0)[0], wrong], folder)
        assert len(holdings(folder)) == 3

    def test_without_an_index_says_so_and_makes_none(self, folder):
        with pytest.raises(IndexMissing):
            delete(["a"], folder)
        assert not folder.exists()


class TestVerdicts:
    def test_an_unreadable_file_is_reported_and_the_others_indexed(self, folder, articles):
        (articles / "empty.txt").write_text("")
        report = make(folder, articles)
        ((name, verdict),) = report.failed
        assert name == "empty.txt"
        assert verdict
        assert report.articles == 3

    def test_a_file_that_can_no_longer_be_read_keeps_its_older_version(self, folder, articles):
        make(folder, articles)
        (articles / "0001.txt").write_text("")
        report = make(folder, articles)
        assert [name for name, _ in report.failed] == ["0001.txt"]
        assert holdings(folder)["0001.txt"]
        shelf.write(articles, 1)
        assert make(folder, articles).unchanged == names(0, 1, 2)
        with closing(store.open_to_read(folder)) as db:
            assert db.execute("SELECT count(*) FROM sources WHERE error IS NOT NULL").fetchone() == (0,)

    def test_only_unreadable_files_make_no_index(self, folder, tmp_path):
        (tmp_path / "empty.txt").write_text("")
        report = make(folder, tmp_path / "empty.txt")
        assert (report.generation, report.articles, len(report.failed)) == (0, 0, 1)
        with pytest.raises(IndexMissing):
            Index.open(folder)

    def test_of_two_files_of_one_name_the_second_is_refused(self, folder, articles, tmp_path):
        report = make(folder, articles, shelf.write(tmp_path / "other", 1, version=3))
        assert report.added == names(0, 1, 2)
        ((name, verdict),) = report.failed
        assert name == "0001.txt"
        assert "Name the folder above both" in verdict
        assert mark(1, 0) in holdings(folder)["0001.txt"]

    def test_of_two_entries_of_one_name_the_second_is_refused(self, folder, articles, tmp_path, monkeypatch):
        more = shelf.write(tmp_path / "other", 1, version=3)
        found = [*rag.read.read_paths([articles]), *rag.read.read_paths([more])]
        monkeypatch.setattr(rag.read, "read_paths", lambda paths: iter([*found, found[0]]))
        report = make(folder, articles)
        assert report.added == names(0, 1, 2)
        assert [name for name, _ in report.failed] == ["0001.txt"]
        assert mark(1, 0) in holdings(folder)["0001.txt"]

    def test_a_missing_path_is_an_input_error(self, folder, articles):
        make(folder, articles)
        with pytest.raises(InputError, match="nowhere"):
            make(folder, articles.parent / "nowhere")
        assert len(holdings(folder)) == 3


class TestContracts:
    def test_another_encoder_is_refused_until_the_index_is_made_anew(self, folder, articles, tmp_path):
        make(folder, articles)
        other = WordEmbedder("other@2", 32)
        with pytest.raises(ContractMismatch, match=r"words@1.*other@2.*python -m rag\.build --rebuild"):
            make(folder, shelf.write(tmp_path / "more", 3), embedder=other)
        assert len(holdings(folder)) == 3
        report = make(folder, embedder=other, rebuild=True)
        assert (report.articles, report.generation) == (3, 2)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert index.contract.embedder == "other@2"
            assert dense_sources(snapshot, other, said(1), 1) == ["0001.txt"]
        assert make(folder, shelf.write(tmp_path / "more", 3), embedder=other).articles == 4

    def test_other_chunk_sizes_are_another_contract(self, folder, articles):
        make(folder, articles)
        with pytest.raises(ContractMismatch, match=r"16-40.*16-80"):
            build([articles], folder, WordEmbedder(), Config(chunk_min=16, chunk_max=80))

    def test_a_change_of_words_alone_keeps_the_vectors(self, folder, articles, monkeypatch):
        make(folder, articles)
        monkeypatch.setattr("rag.lexical.STEMMER", "of the future/9")
        with pytest.raises(ContractMismatch, match="of the future/9"):
            make(folder, articles)
        embedder = WordEmbedder()
        assert make(folder, rebuild=True, embedder=embedder).articles == 3
        assert embedder.calls == []
        assert len(holdings(folder)) == 3
        assert verify(folder) == []

    def test_making_anew_what_is_up_to_date_embeds_it_all(self, folder, articles):
        passages = make(folder, articles).passages
        embedder = WordEmbedder()
        make(folder, rebuild=True, embedder=embedder)
        assert sum(embedder.calls) == passages

    def test_an_emptied_index_takes_any_contract(self, folder, articles):
        make(folder, articles)
        delete(names(0, 1, 2), folder)
        assert make(folder, articles, embedder=WordEmbedder("other@2", 32)).articles == 3
        assert verify(folder) == []

    def test_making_anew_needs_no_files_but_reads_those_given(self, folder, articles):
        make(folder, articles)
        before = holdings(folder)
        shelf.write(articles, 1, version=4)
        report = make(folder, articles / "0001.txt", rebuild=True)
        assert report.changed == names(1)
        after = holdings(folder)
        assert mark(1, 4) in after["0001.txt"]
        assert {k: v for k, v in after.items() if k != "0001.txt"} == {
            k: v for k, v in before.items() if k != "0001.txt"
        }
        shutil.rmtree(articles)
        assert make(folder, rebuild=True).articles == 3
        assert holdings(folder) == after

    def test_making_anew_keeps_a_file_that_cannot_be_read_now(self, folder, articles):
        make(folder, articles)
        (articles / "0001.txt").write_text("")
        report = make(folder, articles, embedder=WordEmbedder("other@2", 32), rebuild=True)
        assert [name for name, _ in report.failed] == ["0001.txt"]
        assert len(holdings(folder)) == 3
        assert verify(folder) == []

    @pytest.mark.parametrize("bad", [np.nan, 0.0, 3.0])
    def test_vectors_that_are_not_of_length_1_are_refused(self, folder, articles, bad):
        class Broken(WordEmbedder):
            def embed_passages(self, texts):
                return super().embed_passages(texts) * bad

        with pytest.raises(ModelError, match="length 1"):
            make(folder, articles, embedder=Broken())

    def test_vectors_of_another_shape_are_refused(self, folder, articles):
        class Broken(WordEmbedder):
            def embed_passages(self, texts):
                return super().embed_passages(texts)[:, :5]

        with pytest.raises(ModelError, match="shape"):
            make(folder, articles, embedder=Broken())


class TestProgress:
    def test_counts_up_with_a_rate_and_the_time_left(self, folder, articles):
        seen: list[Progress] = []
        report = make(folder, articles, progress=seen.append)
        phases = list(dict.fromkeys(progress.phase for progress in seen))
        assert phases == ["reading", "embedding", "writing"]
        embedding = [progress for progress in seen if progress.phase == "embedding"]
        assert (embedding[0].done, embedding[-1].done) == (0, report.passages)
        assert {progress.total for progress in embedding} == {report.passages}
        assert embedding[-1].rate > 0
        assert embedding[-1].left == 0
        assert {progress.detail for progress in seen if progress.phase == "reading"} == set(names(0, 1, 2))

    @pytest.mark.parametrize(
        ("progress", "line"),
        [
            (Progress("reading", 3, 0, 2.0, None, "a.txt"), "reading 3 sources, 2.0/s"),
            (
                Progress("embedding", 30, 900, 12.345, 70.4),
                "embedding 30 of 900 passages, 12.3/s, 1 min 10 s left",
            ),
            (
                Progress("embedding", 1, 900, 0.1, 8990.0),
                "embedding 1 of 900 passages, 0.1/s, 2 h 29 min left",
            ),
            (Progress("embedding", 900, 900, 9.0, 0.0), "embedding 900 of 900 passages, 9.0/s"),
            (Progress("waiting", 0, 0, detail="process 7"), "waiting for process 7"),
            (Progress("writing", 0, 1), "writing the index"),
        ],
    )
    def test_is_shown_as_one_line(self, progress, line):
        assert buildcli.line_of(progress) == line

    def test_texts_are_encoded_shortest_first(self, folder, articles, monkeypatch):
        lengths: list[int] = []

        class Noting(WordEmbedder):
            def embed_passages(self, texts):
                lengths.extend(map(len, texts))
                return super().embed_passages(texts)

        monkeypatch.setattr(stage, "_LEAST", 2)
        make(folder, articles, embedder=Noting())
        assert lengths == sorted(lengths)
        assert len(lengths) > 4

    def test_batches_grow_while_they_are_quick_and_shrink_where_they_are_slow(self):
        assert [stage._paced(size, 0.1) for size in (32, 64, 300, 512)] == [64, 128, 512, 512]
        assert [stage._paced(size, 3.0) for size in (512, 48, 32)] == [256, 32, 32]
        assert stage._paced(128, 0.7) == 128


class _Stop(Exception):
    pass


class TestInterrupted:
    @pytest.fixture(autouse=True)
    def _eager(self, monkeypatch):
        monkeypatch.setattr(stage, "_LEAST", 1)
        monkeypatch.setattr(stage, "_MOST", 1)
        monkeypatch.setattr(stage, "_COMMIT", 0.0)

    def stopping(self, after: int) -> WordEmbedder:
        class Stopping(WordEmbedder):
            def embed_passages(self, texts):
                if len(self.calls) == after:
                    raise _Stop
                return super().embed_passages(texts)

        return Stopping()

    def test_questions_are_answered_from_the_old_generation_meanwhile(self, folder, articles, tmp_path):
        make(folder, articles)
        shelf.write(articles, 1, 5, version=2)
        with pytest.raises(_Stop):
            make(folder, articles, embedder=self.stopping(2), remove=names(0))
        assert mark(1, 0) in holdings(folder)["0001.txt"]
        assert holdings(folder).keys() == set(names(0, 1, 2))
        assert verify(folder) == []

    def test_the_next_build_goes_on_from_there(self, folder, articles):
        with pytest.raises(_Stop):
            make(folder, articles, embedder=self.stopping(3))
        embedder = WordEmbedder()
        report = make(folder, articles, embedder=embedder)
        assert sum(embedder.calls) == report.passages - 3
        assert len(holdings(folder)) == 3
        assert not (folder / stage.NAME).exists()

    def test_other_articles_are_not_slipped_in(self, folder, articles, tmp_path):
        with pytest.raises(_Stop):
            make(folder, articles, embedder=self.stopping(3))
        assert make(folder, shelf.write(tmp_path / "more", 4)).added == names(4)
        assert holdings(folder).keys() == {"0004.txt"}

    def test_a_file_changed_since_is_read_again(self, folder, articles):
        with pytest.raises(_Stop):
            make(folder, articles, embedder=self.stopping(3))
        shelf.write(articles, 1, version=9)
        make(folder, articles)
        assert mark(1, 9) in holdings(folder)["0001.txt"]

    def test_another_encoder_starts_anew(self, folder, articles):
        with pytest.raises(_Stop):
            make(folder, articles, embedder=self.stopping(3))
        embedder = WordEmbedder("other@2", 32)
        assert sum(embedder.calls) == 0
        assert make(folder, articles, embedder=embedder).passages == sum(embedder.calls)

    @pytest.mark.parametrize("damage", [b"", b"junk" * 3000, b"SQLite format 3\0" + bytes(8000)])
    def test_damaged_leftovers_do_not_matter(self, folder, articles, damage):
        with pytest.raises(_Stop):
            make(folder, articles, embedder=self.stopping(3))
        (folder / stage.NAME).write_bytes(damage)
        (folder / vectorfile.NEXT).write_bytes(damage)
        make(folder, articles)
        assert len(holdings(folder)) == 3
        assert verify(folder) == []

    def test_deleting_does_not_leave_the_text_in_the_leftovers(self, folder, articles, tmp_path):
        make(folder, articles)
        with pytest.raises(_Stop):
            make(folder, shelf.write(tmp_path / "more", 1, version=1), embedder=self.stopping(1))
        delete(names(1), folder)
        assert not any(mark(1).encode() in path.read_bytes() for path in folder.iterdir())

    def test_killed_between_showing_and_the_vector_file_it_is_whole(
        self, folder, articles, tmp_path, monkeypatch
    ):
        make(folder, articles)
        with monkeypatch.context() as patch:
            patch.setattr(vectorfile, "put", lambda _: (_ for _ in ()).throw(_Stop))
            with pytest.raises(_Stop):
                make(folder, shelf.write(tmp_path / "more", 4))
        assert (folder / vectorfile.NEXT).exists()
        assert verify(folder) == []
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, WordEmbedder(), said(4), 1) == ["0004.txt"]
            assert index.warnings == []
        make(folder)
        assert not (folder / vectorfile.NEXT).exists()
        assert verify(folder) == []


def test_killed_at_random_points_the_index_is_whole(tmp_path):
    pair = kill_builds.scenes(tmp_path)
    chance = random.Random()
    for number in range(6):
        kill_builds.round_(pair[number % 2], tmp_path / f"round{number}", chance)


class TestWriters:
    def test_a_second_one_is_told_who_holds_the_index(self, folder, articles):
        folder.mkdir()
        with write_lock(folder, 0), pytest.raises(IndexLocked, match=r"process \d+ on .* since \d{4}-"):
            make(folder, articles, patience=0.0)

    def test_a_second_one_waits_and_says_so(self, folder, articles):
        folder.mkdir()
        said_: list[Progress] = []
        go = threading.Event()

        def hold() -> None:
            with write_lock(folder, 0):
                go.set()
                while not said_:
                    go.wait(0.01)

        holder = threading.Thread(target=hold)
        holder.start()
        assert go.wait(10)
        assert make(folder, articles, progress=said_.append, patience=30).articles == 3
        holder.join(10)
        assert said_[0].phase == "waiting"
        assert "process" in said_[0].detail

    def test_two_first_builds_at_once_both_end_well(self, folder, articles, tmp_path):
        shelf.write(tmp_path / "more", 3, 4)
        reports: list[BuildReport] = []
        builders = [
            threading.Thread(target=lambda path=path: reports.append(make(folder, path)))
            for path in (articles, tmp_path / "more")
        ]
        for builder in builders:
            builder.start()
        for builder in builders:
            builder.join(60)
        assert sorted(report.generation for report in reports) == [1, 2]
        assert holdings(folder).keys() == set(names(0, 1, 2, 3, 4))

    def test_the_lock_of_a_killed_process_is_free(self, folder, articles):
        folder.mkdir()
        code = (
            "import sys, time; from pathlib import Path; from rag.lock import write_lock\n"
            "with write_lock(Path(sys.argv[1]), 0): print('held', flush=True); time.sleep(60)"
        )
        root = Path(store.__file__).parents[1]
        with subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], cwd=root, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(IndexLocked, match=f"process {holder.pid} "):
                make(folder, articles, patience=0.0)
            holder.kill()
            holder.wait()
        assert make(folder, articles, patience=0.0).articles == 3


_LIMITED = """
import resource, signal, sys
sys.path[:0] = sys.argv[4:]
from pathlib import Path
import faiss, shelf
from rag.build import build
from rag.errors import RagError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    build([Path(sys.argv[2])], Path(sys.argv[1]), shelf.WordEmbedder(), shelf.CONFIG)
except RagError as error:
    print(error)
    sys.exit(1)
"""


def _here() -> list[str]:
    return [str(Path(shelf.__file__).parent), str(Path(store.__file__).parents[1])]


def _failing_disk(*_):
    raise OSError(errno.EIO, "Input/output error")


class TestFullAndForbidden:
    @pytest.mark.parametrize("limit", [9_000, 60_000, 120_000, 160_000])
    def test_a_disk_that_fills_up_leaves_the_index_as_it_was(self, folder, articles, tmp_path, limit):
        make(folder, articles)
        more = shelf.write(tmp_path / "more", *range(3, 40))
        done = subprocess.run(
            [sys.executable, "-c", _LIMITED, str(folder), str(more), str(limit), *_here()],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert len(done.stdout.strip().splitlines()) == 1
        assert "the index is as it was" in done.stdout
        assert len(holdings(folder)) == 3
        assert verify(folder) == []
        assert make(folder, more).articles == 40
        assert verify(folder) == []

    def test_no_space_for_the_vector_file_undoes_the_build(self, folder, articles, tmp_path, monkeypatch):
        make(folder, articles)

        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device", str(folder / vectorfile.NEXT))

        monkeypatch.setattr(vectorfile, "_write_faiss", full)
        with pytest.raises(IndexError_, match="No room left"):
            make(folder, shelf.write(tmp_path / "more", 4))
        monkeypatch.undo()
        assert len(holdings(folder)) == 3
        assert verify(folder) == []

    def test_a_disk_that_cannot_keep_the_vector_file_undoes_the_build(
        self, folder, articles, tmp_path, monkeypatch
    ):
        make(folder, articles)
        monkeypatch.setattr(vectorfile.os, "fsync", _failing_disk)
        with pytest.raises(IndexError_, match="the index is as it was"):
            make(folder, shelf.write(tmp_path / "more", 4))
        monkeypatch.undo()
        assert len(holdings(folder)) == 3
        assert verify(folder) == []

    def test_a_disk_that_cannot_keep_the_file_s_name_loses_nothing(
        self, folder, articles, tmp_path, monkeypatch
    ):
        make(folder, articles)
        monkeypatch.setattr(vectorfile.os, "replace", _failing_disk)
        assert make(folder, shelf.write(tmp_path / "more", 4)).generation == 2
        monkeypatch.undo()
        assert len(holdings(folder)) == 4
        assert make(folder, articles).articles == 4
        assert verify(folder) == []

    def test_a_place_that_cannot_be_written_is_one_sentence(self, articles, tmp_path):
        (tmp_path / "file").write_text("")
        for place in (tmp_path / "file", tmp_path / "file" / "index", Path("/proc/nowhere")):
            with pytest.raises(RagError) as caught:
                make(place, articles)
            assert "\n" not in str(caught.value)

    def test_a_read_only_index_is_not_written(self, folder, articles, monkeypatch):
        """SQLite and the system refuse alike; the superuser, who may all, is stood in for."""
        make(folder, articles)
        refused = PermissionError(errno.EACCES, "Permission denied", str(folder / "write.lock"))
        monkeypatch.setattr("rag.lock.open", lambda *a, **k: (_ for _ in ()).throw(refused), raising=False)
        with pytest.raises(IndexError_, match=r"no permission.*--index"):
            delete(names(0), folder)

    def test_sqlite_errors_become_sentences(self, folder, articles, monkeypatch):
        make(folder, articles)
        for code, says in (
            (sqlite3.SQLITE_FULL, "No room left"),
            (sqlite3.SQLITE_READONLY, "no permission"),
            (sqlite3.SQLITE_IOERR, "disk failed"),
            (sqlite3.SQLITE_BUSY, "Another program"),
            (sqlite3.SQLITE_CORRUPT, "damaged"),
            (sqlite3.SQLITE_MISUSE, "--verify"),
        ):
            error = sqlite3.OperationalError("said by SQLite")
            error.sqlite_errorcode = code

            def fail(*_, error=error):
                raise error

            monkeypatch.setattr(store, "open_to_write", fail)
            with pytest.raises(IndexError_, match=says):
                delete(names(0), folder)


class TestCommand:
    @pytest.fixture(autouse=True)
    def _fake_encoder(self, monkeypatch, tmp_path):
        monkeypatch.setattr(rag.embed, "embedder_of", lambda name, threads=0: WordEmbedder(f"{name}@1"))
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("RAG_INDEX", raising=False)
        monkeypatch.delenv("RAG_CONFIG", raising=False)

    def run(self, capsys, *arguments) -> tuple[int, str, str]:
        status = buildcli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    def test_builds_lists_verifies_and_removes(self, capsys, folder, articles):
        status, out, _ = self.run(capsys, articles, "--index", folder)
        assert status == 0
        assert "3 added; 3 articles" in out
        status, out, _ = self.run(capsys, "--list", "--index", folder)
        assert status == 0
        assert [line.split("  ")[1] for line in out.splitlines()] == list(names(0, 1, 2))
        assert self.run(capsys, "--verify", "--index", folder)[:2] == (0, f"{folder} is whole\n")
        status, out, _ = self.run(capsys, "--remove", "0001.txt", "--remove", "0002.txt", "--index", folder)
        assert (status, out.split(";")[0]) == (0, "2 removed")
        assert len(holdings(folder)) == 1

    def test_the_seeds_are_built_from_when_nothing_is_named(self, capsys, tmp_path):
        status, _, err = self.run(capsys)
        assert status == 2
        assert "PATH" in err
        shelf.write(tmp_path / "seeds", 1)
        (tmp_path / "index").mkdir()
        assert self.run(capsys)[0] == 0
        assert holdings(tmp_path / "index").keys() == {"0001.txt"}

    def test_a_damaged_index_is_named_and_the_status_says_so(self, capsys, folder, articles):
        self.run(capsys, articles, "--index", folder)
        (folder / vectorfile.NAME).write_bytes(b"junk")
        status, out, err = self.run(capsys, "--verify", "--index", folder)
        assert (status, out) == (1, f"1 faults in {folder}\n")
        assert vectorfile.NAME in err

    @pytest.mark.parametrize(
        ("arguments", "status", "says"),
        [
            (["nowhere"], 2, "nowhere"),
            (["--list"], 1, "No index in index"),
            (["--verify"], 1, "No index in index"),
            (["--remove", "a"], 1, "No index in index"),
            (["--config", "none.toml"], 2, "none.toml"),
            (["--rebuild", "--index", "typo"], 2, "No index in typo"),
        ],
    )
    def test_every_mistake_is_one_sentence_with_a_status(self, capsys, tmp_path, arguments, status, says):
        (tmp_path / "index").mkdir()
        done, out, err = self.run(capsys, *arguments)
        assert (done, out) == (status, "")
        assert says in err
        assert len(err.strip().splitlines()) == 1

    def test_what_could_not_be_read_is_said_and_listed(self, capsys, folder, articles):
        (articles / "empty.txt").write_text("")
        status, out, err = self.run(capsys, articles, "--index", folder)
        assert status == 0
        assert "1 not read" in out
        assert err.startswith("not read: empty.txt is empty")
        assert "not read  empty.txt" in self.run(capsys, "--list", "--index", folder)[1]

    def test_when_none_of_the_files_can_be_read_the_status_says_so(self, capsys, folder, articles, tmp_path):
        self.run(capsys, articles, "--index", folder)
        (tmp_path / "bad.pdf").write_bytes(b"no pdf")
        assert self.run(capsys, tmp_path / "bad.pdf", "--index", folder)[0] == 2
        assert len(holdings(folder)) == 3

    def test_who_reads_our_output_may_leave(self, folder, articles):
        build_it = [sys.executable, "-m", "rag.build"]
        subprocess.run([*build_it, str(articles), "--index", str(folder)], check=True, capture_output=True)
        listing = f"{sys.executable} -m rag.build --list --index {folder} | true"
        done = subprocess.run(["bash", "-c", listing], capture_output=True, text=True, check=False)
        assert done.stderr == ""

    def test_another_encoder_names_the_remedy_and_the_remedy_works(self, capsys, folder, articles):
        self.run(capsys, articles, "--index", folder)
        status, _, err = self.run(capsys, articles, "--index", folder, "--embedder", "other")
        assert status == 1
        assert "--rebuild" in err
        status, out, _ = self.run(capsys, "--rebuild", "--index", folder, "--embedder", "other")
        assert (status, out.split(";")[0]) == (0, "all made anew")
        assert self.run(capsys, articles, "--index", folder, "--embedder", "other")[0] == 0

    def test_stopping_by_hand_leaves_the_index_and_says_how_to_go_on(
        self, capsys, folder, articles, monkeypatch
    ):
        def stop(*_, **__):
            raise KeyboardInterrupt

        self.run(capsys, articles, "--index", folder)
        monkeypatch.setattr(buildcli, "build", stop)
        status, _, err = self.run(capsys, articles, "--index", folder)
        assert status == 1
        assert "goes on from here" in err
        assert len(holdings(folder)) == 3
