"""Reading an index: one generation throughout, whatever happens beside it or to its files."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shelf
from shelf import CONFIG, WordEmbedder, dense_sources, lexical_sources, mark, said

from rag import snapshot as snapshot_module
from rag import store, vectorfile, vectors
from rag.audit import verify
from rag.build import build, contract_of, delete
from rag.errors import ContractMismatch, IndexDamaged, IndexMissing, InputError, RagError
from rag.index import Index
from rag.lexical import terms
from rag.lock import write_lock
from rag.types import Filter

EMBEDDER = WordEmbedder()


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """Six articles, built once; copy it before changing it."""
    folder = tmp_path_factory.mktemp("built")
    build([shelf.write(folder / "articles", *range(6))], folder / "index", EMBEDDER, CONFIG)
    return folder / "index"


@pytest.fixture
def folder(built, tmp_path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "index"))


@pytest.fixture
def snapshot(built):
    with Index.open(built) as index, index.snapshot() as snapshot:
        yield snapshot


class TestLegs:
    def test_the_dense_leg_finds_an_article_by_its_word(self, snapshot):
        for number in range(6):
            assert dense_sources(snapshot, EMBEDDER, said(number), 1) == [f"{number:04}.txt"]

    def test_the_lexical_leg_finds_inflected_words(self, snapshot):
        assert lexical_sources(snapshot, "the engineer measures") == [
            "0001.txt",
            "0003.txt",
            "0005.txt",
        ]
        assert lexical_sources(snapshot, "المهندس والجسر") == ["0000.txt", "0002.txt", "0004.txt"]

    def test_the_cross_leg_finds_a_translation(self, snapshot):
        groups = [[(stem, 0.9) for stem in terms("نهر")]]
        hits = snapshot.cross(groups, [], 10)
        assert shelf.sources_of(snapshot, [id_ for id_, _ in hits]) == ["0000.txt", "0002.txt", "0004.txt"]

    def test_each_leg_obeys_a_filter(self, snapshot):
        where = Filter(sources=("0003.txt",))
        questions = EMBEDDER.embed_questions([mark(1), mark(3)])
        found = snapshot.dense(questions, 9, where)
        for hits in (
            *found,
            snapshot.lexical(terms("bridge"), 9, where),
            snapshot.cross([[("bridg", 1)]], [], 9, where),
        ):
            assert shelf.sources_of(snapshot, [id_ for id_, _ in hits]) == ["0003.txt"]

    def test_a_filter_that_fits_nothing_finds_nothing(self, snapshot):
        where = Filter(since="2016")
        assert snapshot.dense(EMBEDDER.embed_questions(["bridge"]), 9, where) == [[]]
        assert snapshot.lexical(terms("bridge"), 9, where) == []
        assert snapshot.articles(where) == []

    def test_a_filter_changes_no_score_and_neither_do_the_ways_to_obey_it(self, snapshot, monkeypatch):
        questions = EMBEDDER.embed_questions(["the bridge", "النهر"])
        english = {a.id for a in snapshot.articles(Filter(language="en"))}
        everything = snapshot.dense(questions, len(snapshot))
        article_of = {p.id: p.article_id for p in snapshot.passages([id_ for id_, _ in everything[0]])}
        wanted = [[hit for hit in hits if article_of[hit[0]] in english][:5] for hits in everything]
        assert snapshot.dense(questions, 5, Filter(language="en")) == wanted
        words = snapshot.lexical(terms("the bridge النهر"), 9, Filter(language="en"))
        assert words
        monkeypatch.setattr(snapshot_module, "_EXACT", 0)
        assert snapshot.dense(questions, 5, Filter(language="en")) == wanted
        assert snapshot.lexical(terms("the bridge النهر"), 9, Filter(language="en")) == words

    def test_dense_scores_are_cosines_of_the_stored_vectors(self, snapshot):
        question = EMBEDDER.embed_questions(["the market square"])
        (hits,) = snapshot.dense(question, len(snapshot))
        stored = snapshot.vectors([id_ for id_, _ in hits])
        np.testing.assert_allclose([score for _, score in hits], stored @ question[0], atol=1e-5)
        assert len(hits) == len(snapshot)


class TestContents:
    def test_passages_are_what_their_articles_hold(self, snapshot):
        for article in snapshot.articles():
            passages = snapshot.passages_of(article.id)
            assert [p.ordinal for p in passages] == list(range(len(passages)))
            for passage in passages:
                assert article.text[passage.span.start : passage.span.end] == passage.text
                assert passage.sentences
            assert snapshot.passages([p.id for p in passages]) == passages
            assert snapshot.article(article.id) == article

    def test_passages_come_in_the_order_asked_for(self, snapshot):
        assert [p.id for p in snapshot.passages([3, 1, 2, 1])] == [3, 1, 2, 1]
        assert snapshot.vectors([2, 1])[0].tolist() == snapshot.vectors([2])[0].tolist()

    def test_unknown_ones_are_named(self, snapshot):
        for ask in (lambda: snapshot.passages([1, 12345]), lambda: snapshot.vectors([12345])):
            with pytest.raises(InputError, match="12345"):
                ask()
        with pytest.raises(InputError, match="'nobody'"):
            snapshot.article("nobody")
        assert snapshot.passages_of("nobody") == []

    def test_a_closed_snapshot_says_so(self, built):
        with Index.open(built) as index:
            snapshot = index.snapshot()
            snapshot.close()
            snapshot.close()
            with pytest.raises(RagError, match="closed"):
                snapshot.articles()


class TestOpening:
    def test_no_index_names_the_command(self, tmp_path):
        with pytest.raises(IndexMissing, match=r"python -m rag\.build"):
            Index.open(tmp_path / "nowhere")
        assert not (tmp_path / "nowhere").exists()

    def test_an_index_never_built_to_the_end_is_missing(self, tmp_path):
        store.open_to_write(tmp_path).close()
        with pytest.raises(IndexMissing, match="to the end"):
            Index.open(tmp_path)

    def test_another_contract_is_one_error_with_both_values_and_the_remedy(self, built):
        Index.open(built, contract_of(EMBEDDER, CONFIG)).close()
        with pytest.raises(ContractMismatch) as caught:
            Index.open(built, contract_of(WordEmbedder("other@2", 32), CONFIG))
        message = str(caught.value)
        for part in ("'words@1'", "'other@2'", "'64'", "'32'", "python -m rag.build --rebuild"):
            assert part in message
        assert "\n" not in message

    def test_an_index_made_anew_with_another_encoder_is_noticed(self, folder):
        with Index.open(folder) as index:
            build([], folder, WordEmbedder("other@2", 32), CONFIG, rebuild=True)
            with pytest.raises(ContractMismatch, match="words@1"):
                index.snapshot()


class TestOneGeneration:
    def test_a_snapshot_reads_on_in_its_own_while_builds_go_by(self, folder, tmp_path):
        with Index.open(folder) as index, index.snapshot() as before:
            shelf.write(tmp_path / "more", 7, 8)
            build([tmp_path / "more"], folder, EMBEDDER, CONFIG)
            delete(["0001.txt"], folder)
            with index.snapshot() as after:
                # The first vectors that `before` asks for are asked for now.
                assert dense_sources(before, EMBEDDER, said(1), 1) == ["0001.txt"]
                assert lexical_sources(before, mark(1)) == ["0001.txt"]
                assert lexical_sources(before, mark(7)) == []
                assert len(before.articles()) == 6
                assert dense_sources(after, EMBEDDER, said(7), 1) == ["0007.txt"]
                assert lexical_sources(after, mark(1)) == []
                assert len(after.articles()) == 7
                assert after.generation == before.generation + 2
            assert index.warnings == []

    def test_many_readers_during_many_builds_see_whole_generations(self, folder, tmp_path):
        """Each article is there wholly or not at all, in all legs alike."""
        wrong: list[str] = []
        end = threading.Event()

        def read(index: Index) -> None:
            while not end.is_set():
                with index.snapshot() as snapshot:
                    numbers = {int(article.source[:4]) for article in snapshot.articles()}
                    for number in (1, 20, 21):
                        present = [f"{number:04}.txt"] * (number in numbers)
                        if lexical_sources(snapshot, mark(number)) != present:
                            wrong.append(f"lexical {number}")
                        dense = dense_sources(snapshot, EMBEDDER, said(number), 1)
                        if (dense == [f"{number:04}.txt"]) != bool(present):
                            wrong.append(f"dense {number}")
                    if {20, 21} & numbers not in (set(), {20, 21}):
                        wrong.append("half a build")

        shelf.write(tmp_path / "pair", 20, 21)
        with Index.open(folder) as index:
            readers = [threading.Thread(target=read, args=(index,)) for _ in range(3)]
            for reader in readers:
                reader.start()
            try:
                for _ in range(3):
                    build([tmp_path / "pair"], folder, EMBEDDER, CONFIG)
                    delete(["0020.txt", "0021.txt"], folder)
            finally:
                end.set()
                for reader in readers:
                    reader.join(30)
            assert index.warnings == []
        assert wrong == []
        assert verify(folder) == []

    def test_threads_may_share_a_snapshot(self, snapshot):
        found: list[list[str]] = []

        def ask() -> None:
            dense = dense_sources(snapshot, EMBEDDER, said(2), 1)
            assert snapshot.lexical(terms("bridge"), 3, Filter(language="en"))
            found.append(dense + lexical_sources(snapshot, mark(3)))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert found == [["0002.txt", "0003.txt"]] * 8

    def test_a_forgotten_snapshot_lets_go_of_the_database(self, folder):
        with Index.open(folder) as index:
            index.snapshot()
            delete(["0001.txt"], folder)
        assert not (folder / "sanad.db-wal").exists() or not (folder / "sanad.db-wal").stat().st_size


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _flip(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 3] ^= 0xFF
    path.write_bytes(whole)


def _foreign(path: Path) -> None:
    path.write_bytes(b"IxFI" + os.urandom(4000))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


class TestDamagedVectorFile:
    @pytest.mark.parametrize("damage", [Path.unlink, _truncate, _flip, _foreign])
    def test_is_made_again_and_answers_the_same(self, folder, damage):
        path = folder / vectorfile.NAME
        whole = path.read_bytes()
        damage(path)
        assert any(vectorfile.NAME in fault for fault in verify(folder))
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
            (warning,) = index.warnings
            assert vectorfile.NAME in warning
        assert path.read_bytes() == whole
        assert verify(folder) == []

    def test_is_made_again_after_a_backup_of_the_database_was_restored(self, folder, tmp_path):
        shutil.copy(folder / store.NAME, tmp_path / "backup.db")
        delete(["0001.txt"], folder)
        shutil.copy(tmp_path / "backup.db", folder / store.NAME)
        delete(["0002.txt"], folder)  # the same number of generation again, another content
        stale = (folder / vectorfile.NAME).read_bytes()
        shutil.copy(tmp_path / "backup.db", folder / store.NAME)
        delete(["0003.txt"], folder)
        (folder / vectorfile.NAME).write_bytes(stale)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, EMBEDDER, said(2), 1) == ["0002.txt"]
            assert len(index.warnings) == 1

    def test_is_left_alone_while_another_writes(self, folder):
        (folder / vectorfile.NAME).unlink()
        with write_lock(folder, 0), Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
        assert not (folder / vectorfile.NAME).exists()

    def test_that_cannot_be_replaced_does_not_matter(self, folder):
        _folder(folder / vectorfile.NAME)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]

    def test_damage_inside_a_mapped_file_is_found_in_the_background(self, folder, monkeypatch):
        monkeypatch.setattr(vectorfile, "MAPPED", 0)
        monkeypatch.setattr(vectorfile, "_EDGE", 64)
        with Index.open(folder) as index, index.snapshot() as snapshot:
            (folder / vectorfile.NAME).unlink()
            assert dense_sources(snapshot, EMBEDDER, said(4), 1)  # written again with short edges
        whole = (folder / vectorfile.NAME).read_bytes()
        _flip(folder / vectorfile.NAME)
        with Index.open(folder) as index:
            with index.snapshot() as snapshot:
                snapshot.dense(EMBEDDER.embed_questions(["bridge"]), 1)
            assert index._background is not None
            index._background.join(30)
            assert len(index.warnings) == 1
            with index.snapshot() as snapshot:
                assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
        assert (folder / vectorfile.NAME).read_bytes() == whole

    def test_a_large_one_is_arranged_in_the_background_and_swapped(self, folder, monkeypatch):
        monkeypatch.setattr(vectors, "EXACT", 1)
        (folder / vectorfile.NAME).unlink()
        with Index.open(folder) as index:
            with index.snapshot() as snapshot:
                assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
            assert index._background is not None
            index._background.join(60)
            with index.snapshot() as snapshot:
                assert index.held(snapshot.key).setting.kind == "ivf_fp16"
                assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
        assert vectorfile.footer_of(folder / vectorfile.NAME).setting.kind == "ivf_fp16"

    @pytest.mark.parametrize("kind", ["hnsw", "ivf"])
    def test_of_an_older_version_is_made_again_at_the_first_question(self, folder, monkeypatch, kind):
        monkeypatch.setattr(vectors, "EXACT", 1)
        shelf.age(folder / vectorfile.NAME, kind)
        with Index.open(folder) as index:
            with index.snapshot() as snapshot:
                assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
            (warning,) = index.warnings
            assert "is made again from sanad.db: an older version of Sanad" in warning
            assert index._background is not None
            index._background.join(60)
        assert vectorfile.footer_of(folder / vectorfile.NAME).setting.kind == "ivf_fp16"
        with Index.open(folder) as index, index.snapshot() as snapshot:
            assert dense_sources(snapshot, EMBEDDER, said(4), 1) == ["0004.txt"]
            assert index.warnings == []


def _corrupt(folder: Path, table: str) -> None:
    """Overwrites the first page of a table."""
    with closing(sqlite3.connect(folder / store.NAME)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with open(folder / store.NAME, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))


class TestDamagedDatabase:
    def test_a_corrupted_page_is_named_by_verify_and_by_the_question(self, folder):
        _corrupt(folder, "articles")
        assert any("articles" in fault for fault in verify(folder))
        said_so = pytest.raises(IndexDamaged, match=r"Move .*sanad\.db away")
        with Index.open(folder) as index, index.snapshot() as snapshot, said_so:
            snapshot.articles()

    @pytest.mark.parametrize("table", ["passages", "vectors", "terms_data", "meta"])
    def test_a_corrupted_table_never_gives_a_traceback(self, folder, table):
        _corrupt(folder, table)
        assert verify(folder)

        def ask() -> None:
            with Index.open(folder) as index, index.snapshot() as snapshot:
                snapshot.vectors([1, 2])
                snapshot.passages([1, 2])
                snapshot.lexical(terms("bridge"), 5)

        with pytest.raises(IndexDamaged):
            ask()

    @pytest.mark.parametrize(
        "content", [b"not a database", os.urandom(20000), b"SQLite format 3\0" + b"\1" * 9000]
    )
    def test_another_file_in_its_place_is_damage(self, folder, content):
        for name in ("-wal", "-shm"):
            (folder / f"sanad.db{name}").unlink(missing_ok=True)
        (folder / store.NAME).write_bytes(content)
        with pytest.raises(IndexDamaged):
            Index.open(folder)
        assert len(verify(folder)) == 1

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("UPDATE articles SET text = text || '!' WHERE source = '0001.txt'", "text or source changed"),
            ('UPDATE passages SET start = start + 1, "end" = "end" + 1 WHERE id = 3', "Passage 3 is not what"),
            ("UPDATE passages SET sentences = '[0,99999]' WHERE id = 2", "Passage 2 has sentences outside"),
            ("DELETE FROM articles WHERE source = '0001.txt'", "which is not there"),
            ("DELETE FROM vectors WHERE passage_id = 4", "Passage 4 has no vector"),
            ("UPDATE vectors SET vector = zeroblob(128) WHERE passage_id = 4", "passage 4 is not of length 1"),
            ("UPDATE vectors SET vector = x'00' WHERE passage_id = 4", "passage 4 has 1 bytes, not 128"),
            ("UPDATE vectors SET vector = (SELECT vector FROM vectors WHERE passage_id = 5) WHERE passage_id = 4",
             "differs"),
            ("DELETE FROM terms WHERE rowid = 5", "Passage 5 is not in the word index terms"),
            ("DELETE FROM passages WHERE id = 6", "passage 6, which is not there"),
            ("INSERT INTO skeletons (rowid, words) VALUES (999, 'X')", "skeletons holds passage 999"),
            ("UPDATE meta SET value = '1' WHERE key = 'passages'", "1 passages, but"),
            ("UPDATE articles SET parts = '[[1' WHERE source = '0001.txt'", "malformed parts"),
            ("UPDATE passages SET sentences = '[0]' WHERE id = 2", "malformed sentences"),
            ("DELETE FROM terms_docsize WHERE id = 5", "terms"),
        ],
    )  # fmt: skip
    def test_verify_names_what_does_not_hold_together(self, folder, change, says):
        assert verify(folder) == []
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            db.execute(change)
            db.commit()
        assert any(says in fault for fault in verify(folder))

    def test_many_faults_of_a_kind_are_counted(self, folder):
        with closing(sqlite3.connect(folder / store.NAME)) as db:
            db.execute("UPDATE passages SET text = 'x'")
            db.commit()
        assert any("more of the same kind" in fault for fault in verify(folder))


def test_a_backup_taken_while_in_use_is_a_whole_index(folder, tmp_path):
    (tmp_path / "copy").mkdir()
    with Index.open(folder) as index, index.snapshot():
        with (
            closing(sqlite3.connect(folder / store.NAME)) as db,
            closing(sqlite3.connect(tmp_path / "copy" / store.NAME)) as copy,
        ):
            db.backup(copy)
        delete(["0001.txt"], folder)
    assert len(shelf.holdings(tmp_path / "copy")) == 6
    assert len(shelf.holdings(folder)) == 5


_READ = """
import os, sys
folders, paths = sys.argv[1:3], sys.argv[3:]
sys.path[:0] = paths
from pathlib import Path
import shelf
from rag.index import Index
def ask(folder):
    with Index.open(folder) as index, index.snapshot() as snapshot:
        found = shelf.dense_sources(snapshot, shelf.WordEmbedder(), shelf.said(3), 1)
    return len(shelf.holdings(folder)), found
ask(Path(folders[0]))  # Python's own files may be out of reach afterwards
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
assert not os.access(folders[1], os.W_OK)
print(ask(Path(folders[1])))
"""


def test_an_index_that_the_user_cannot_write_can_be_read(folder):
    """As installed by an administrator; SQLite's own files beside it cannot be made either."""
    with tempfile.TemporaryDirectory() as elsewhere:
        locked = Path(shutil.copytree(folder, Path(elsewhere) / "index"))
        (locked / vectorfile.NAME).unlink()
        for path in (*locked.iterdir(), locked, locked.parent):
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            paths = [str(Path(shelf.__file__).parent), str(Path(store.__file__).parents[1])]
            done = subprocess.run(
                [sys.executable, "-c", _READ, str(folder), str(locked), *paths],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        finally:
            for path in (locked.parent, locked):
                path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(6, ['0003.txt'])"
