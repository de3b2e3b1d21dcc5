"""The SQLite file: schema and upgrades, rows and values, filters, and the word searches over it."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import fulltext, store
from rag.contract import Contract
from rag.errors import IndexDamaged, IndexMissing
from rag.types import Article, Filter, Part, PartKind, Span


def article(id_: str, **values) -> Article:
    fields = {
        "source": f"{id_}.txt", "title": "", "text": f"text of {id_}", "language": "en", "date": None,
        "parts": (Part(PartKind.BODY, Span(0, 4)),), "content_hash": "00",
    }  # fmt: skip
    return Article(id_, **(fields | values))


def fill(db, words: list[str], names: list[str] | None = None, articles: list[Article] | None = None) -> None:
    """One passage per entry, each of its own article."""
    articles = articles or [article(f"a{at}") for at in range(1, len(words) + 1)]
    with store.transaction(db):
        for at, (line, one) in enumerate(zip(words, articles, strict=True)):
            db.execute(
                f"INSERT INTO articles ({store.ARTICLE}, owner, position) VALUES (?,?,?,?,?,?,?,?,?,0)",
                (*store.article_row(one), one.source.split("!")[0]),
            )
            id_ = db.execute(
                'INSERT INTO passages (article_id, ordinal, start, "end", text, sentences) VALUES (?,0,0,4,?,?)',
                (one.id, one.text[:4], "[0,4]"),
            ).lastrowid
            db.execute("INSERT INTO terms (rowid, words) VALUES (?, ?)", (id_, line))
            db.execute(
                "INSERT INTO skeletons (rowid, words) VALUES (?, ?)", (id_, names[at] if names else "")
            )


@pytest.fixture
def db(tmp_path):
    with closing(store.open_to_write(tmp_path)) as connection:
        yield connection


class TestOpening:
    def test_makes_the_newest_schema_in_an_empty_folder(self, db):
        assert db.execute("PRAGMA user_version").fetchone() == (store.SCHEMA,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_a_reader_cannot_write(self, db, tmp_path):
        with closing(store.open_to_read(tmp_path)) as reader, pytest.raises(sqlite3.OperationalError):
            reader.execute("DELETE FROM meta")

    def test_nothing_there_is_a_missing_index_with_the_command(self, tmp_path):
        with pytest.raises(IndexMissing, match=r"python -m rag\.build PATH"):
            store.open_to_read(tmp_path)
        (tmp_path / store.NAME).touch()
        with pytest.raises(IndexMissing, match="nothing was built"):
            store.open_to_read(tmp_path)

    @pytest.mark.parametrize("opening", [store.open_to_read, store.open_to_write])
    def test_a_newer_schema_is_refused_untouched(self, db, tmp_path, opening):
        db.execute("PRAGMA user_version = 99")
        with pytest.raises(IndexDamaged, match="schema 99"):
            opening(tmp_path)
        assert db.execute("PRAGMA user_version").fetchone() == (99,)

    @pytest.mark.parametrize("opening", [store.open_to_read, store.open_to_write])
    def test_the_database_of_another_program_is_refused(self, tmp_path, opening):
        with closing(sqlite3.connect(tmp_path / store.NAME)) as other:
            other.execute("CREATE TABLE bookmarks (url TEXT)")
        with pytest.raises(IndexDamaged, match="another program"):
            opening(tmp_path)


class TestUpgrading:
    """With a made-up next schema, and one that fails half way."""

    @staticmethod
    def _next(db):
        db.execute("ALTER TABLE sources ADD COLUMN language TEXT NOT NULL DEFAULT 'other'")
        db.execute("INSERT INTO meta VALUES ('upgraded', 'yes')")

    @staticmethod
    def _failing(db):
        db.execute("DELETE FROM articles")
        raise sqlite3.OperationalError("disk I/O error")

    @pytest.fixture
    def old(self, db, tmp_path, monkeypatch):
        fill(db, ["barley", "river"])
        db.close()
        monkeypatch.setattr(store, "SCHEMA", store.SCHEMA + 1)
        return tmp_path

    @pytest.mark.parametrize("opening", [store.open_to_read, store.open_to_write])
    def test_an_older_index_is_upgraded_with_its_contents(self, old, monkeypatch, opening):
        monkeypatch.setattr(store, "MIGRATIONS", (*store.MIGRATIONS, self._next))
        with closing(opening(old)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (store.SCHEMA,)
            assert db.execute("SELECT value FROM meta WHERE key = 'upgraded'").fetchone() == ("yes",)
            assert fulltext.lexical(db, ["river"], 5, 2, None)[0][0] == 2
        with closing(opening(old)) as db:  # and only once
            assert store.count(db, "articles") == 2

    def test_an_upgrade_that_fails_leaves_the_old_index(self, old, monkeypatch):
        monkeypatch.setattr(store, "MIGRATIONS", (*store.MIGRATIONS, self._failing))
        with pytest.raises(sqlite3.OperationalError):
            store.open_to_write(old)
        monkeypatch.setattr(store, "MIGRATIONS", store.MIGRATIONS[:-1])
        monkeypatch.setattr(store, "SCHEMA", store.SCHEMA - 1)
        with closing(store.open_to_read(old)) as db:
            assert store.count(db, "articles") == 2

    def test_a_file_of_schema_0_gets_the_tables(self, tmp_path):
        with closing(sqlite3.connect(tmp_path / store.NAME)) as empty:
            empty.execute("PRAGMA journal_mode = WAL")
            assert empty.execute("PRAGMA user_version").fetchone() == (0,)
        with closing(store.open_to_write(tmp_path)) as db:
            assert store.generation(db, tmp_path) == (0, "")
            assert store.contract(db, tmp_path) is None


class TestTransaction:
    TWO = "INSERT INTO sources VALUES ('a', 'b', NULL);\nINSERT INTO sources VALUES ('c', 'd', NULL);\n"

    def write(self, db, fails: bool) -> None:
        with store.transaction(db):
            store.run(db, self.TWO)
            if fails:
                raise KeyError

    def test_keeps_everything_or_nothing(self, db):
        with pytest.raises(KeyError):
            self.write(db, fails=True)
        assert store.count(db, "sources") == 0
        assert not db.in_transaction
        self.write(db, fails=False)
        assert store.count(db, "sources") == 2


spans = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda pair: Span(*pair)), max_size=9
)


class TestValues:
    @given(spans)
    def test_spans_come_back(self, some):
        assert store.spans_of(store.spans_text(some)) == tuple(some)

    @given(
        st.text(), st.text(), st.sampled_from(["ar", "en", "other"]), st.none() | st.just("2016-12"),
        st.lists(st.builds(Part, st.sampled_from(PartKind), st.builds(Span, st.integers(0, 99), st.integers(0, 99)))),
    )  # fmt: skip
    def test_articles_come_back(self, title, body, language, date, parts):
        one = article("x", title=title, text=body, language=language, date=date, parts=tuple(parts))
        assert store.article_of(store.article_row(one)) == one

    def test_vectors_come_back_within_half_precision(self):
        rows = np.random.default_rng(0).standard_normal((5, 8)).astype(np.float32)
        again = store.unblob([store.blob(row) for row in rows], 8)
        assert again.dtype == np.float32
        np.testing.assert_allclose(again, rows, rtol=1e-3)

    def test_ids_are_never_used_again(self, db):
        fill(db, ["one", "two"])
        db.execute("DELETE FROM passages")
        db.execute("DELETE FROM articles")
        fill(db, ["three"])
        assert db.execute("SELECT id FROM passages").fetchall() == [(3,)]


class TestContract:
    made = Contract("e@1", 256, 384, "n1", "s1", "l1", "c1 120-220", 64)

    def test_comes_back(self, db, tmp_path):
        store.set_meta(db, [(f"contract.{name}", value) for name, value in self.made.as_text().items()])
        assert store.contract(db, tmp_path) == self.made

    @pytest.mark.parametrize("damage", ["DELETE FROM meta WHERE key = 'contract.stemmer'",
                                        "UPDATE meta SET value = 'many' WHERE key = 'contract.dimension'"])  # fmt: skip
    def test_that_does_not_hold_is_damage(self, db, tmp_path, damage):
        store.set_meta(db, [(f"contract.{name}", value) for name, value in self.made.as_text().items()])
        db.execute(damage)
        with pytest.raises(IndexDamaged, match="contract"):
            store.contract(db, tmp_path)


class TestFilter:
    @pytest.fixture
    def dated(self, db):
        made = [
            article("year", date="2016"), article("month", date="2016-12", language="ar"),
            article("day", date="2016-12-29"), article("none"), article("row", source="table.csv!3", date="2017-01-02"),
        ]  # fmt: skip
        fill(db, ["barley"] * 5, articles=made)
        return db

    @pytest.mark.parametrize(
        ("where", "fit"),
        [
            (Filter(), "year month day none row"),
            (Filter(language="ar"), "month"),
            (Filter(sources=("day.txt", "none.txt")), "day none"),
            (Filter(sources=("table.csv",)), "row"),
            (Filter(sources=("table.csv!3",)), "row"),
            (Filter(article_ids=("year", "nobody")), "year"),
            (Filter(since="2016-12-29"), "year month day row"),
            (Filter(since="2016-12-30"), "year month row"),
            (Filter(since="2017"), "row"),
            (Filter(until="2016"), "year month day"),
            (Filter(until="2016-11"), "year"),
            (Filter(until="2016-12-28"), "year month"),
            (Filter(since="2016-12-29", until="2016-12-29"), "year month day"),
            (Filter(since="2016-12", language="en", sources=("day.txt", "month.txt")), "day"),
            (Filter(sources=("') OR 1 --",)), ""),
        ],
    )
    def test_leaves_the_articles_that_fit(self, dated, where, fit):
        condition, values = store.condition(where)
        rows = dated.execute(f"SELECT a.id FROM articles AS a WHERE {condition or 1}", values)
        assert sorted(id_ for (id_,) in rows) == sorted(fit.split())


def ids(scored) -> list[int]:
    return [id_ for id_, _ in scored]


class TestLexical:
    def test_ranks_by_bm25(self, db):
        fill(db, ["barley river bridge", "barley barley", "river river river", "market"] + ["filler"] * 12)
        scored = fulltext.lexical(db, ["river", "bridge"], 10, 16, None)
        assert ids(scored) == [1, 3]
        assert scored[0][1] > scored[1][1] > 0

    def test_neighbours_of_the_question_count_once_more_where_they_stand_together(self, db):
        fill(
            db,
            ["ramadan then ahmad spoke", "ahmad ramadan spoke then", "ramadan ahmad spoke then"]
            + ["filler"] * 12,
        )
        apart, together, turned = (
            dict(fulltext.lexical(db, ["ahmad", "ramadan"], 10, 15, None))[id_] for id_ in (1, 2, 3)
        )
        assert together > apart == turned
        alone = fulltext.lexical(db, ["ahmad", "absent", "ramadan"], 10, 15, None)
        assert len({score for _, score in alone}) == 1, "a word between them that no passage holds"

    def test_takes_every_term_as_it_is(self, db):
        odd = [
            "ak-47",
            "3.5",
            "1,200",
            "don't",
            "c++",
            "أحمَ",
            "AND",
            "near(",
            'say"so',
            "*",
            "^x",
            "col:on",
            "%",
        ]
        fill(db, odd)
        for at, term in enumerate(odd, start=1):
            assert ids(fulltext.lexical(db, [term], 5, len(odd), None)) == [at]

    @given(st.lists(st.text(max_size=12), max_size=5))
    def test_no_term_is_an_error(self, terms):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
            store.MIGRATIONS[0](memory)
            assert fulltext.lexical(memory, terms, 5, 0, None) == []
            assert fulltext.cross(memory, [[(term, 1.0) for term in terms]], terms, 5, 0, None) == []

    def test_keeps_vowel_marks_and_letters_apart(self, db):
        fill(db, ["علم", "عَلَم", "اعلم"])
        assert ids(fulltext.lexical(db, ["علم"], 5, 3, None)) == [1]

    def test_nothing_asked_is_nothing_found(self, db):
        fill(db, ["barley"])
        assert fulltext.lexical(db, [], 5, 1, None) == []
        assert fulltext.lexical(db, ["absent"], 5, 1, None) == []
        assert fulltext.lexical(db, ["barley"], 0, 1, None) == []

    def test_ties_go_to_the_smaller_id(self, db):
        fill(db, ["river"] * 9)
        assert ids(fulltext.lexical(db, ["river"], 4, 9, None)) == [1, 2, 3, 4]

    def test_in_a_large_collection_common_words_are_left_out_but_for_the_two_rarest(self, db):
        total = 2400
        fill(db, [f"common usual {'rare' if at == 7 else ''} w{at}" for at in range(total)])
        found = fulltext.lexical(db, ["common", "usual", "rare", "w9"], 100, total, None)
        assert sorted(ids(found)) == [8, 10]
        assert len(fulltext.lexical(db, ["common", "usual"], 100, total, None)) == 100

    def test_a_filter_holds(self, db):
        fill(db, ["river"] * 4)
        only = fulltext.Allowed("{row} IN (SELECT value FROM json_each(:ids))", {"ids": "[2, 4]"})
        assert ids(fulltext.lexical(db, ["river"], 9, 4, only)) == [2, 4]
        assert ids(fulltext.cross(db, [[("river", 1.0)]], [], 9, 4, only)) == [2, 4]


class TestCross:
    def test_the_best_translation_of_a_word_counts_once(self, db):
        fill(db, ["ضامن كفيل", "ضامن", "كفيل", "نهر"] + ["حشو"] * 8)
        both = fulltext.cross(db, [[("ضامن", 1.0), ("كفيل", 0.5)]], [], 9, 12, None)
        one = fulltext.cross(db, [[("ضامن", 1.0)]], [], 9, 12, None)
        assert dict(both)[1] == pytest.approx(dict(one)[1])
        assert ids(both) == [2, 1, 3]  # the shorter passage first; half the weight last

    def test_groups_add_up(self, db):
        fill(db, ["ضامن دولة", "ضامن حشو", "دولة حشو"] + ["حشو غير"] * 6)
        first, second = [("ضامن", 0.8)], [("دولة", 0.6)]
        sums = dict(fulltext.cross(db, [first, second], [], 9, 9, None))
        alone = [dict(fulltext.cross(db, [group], [], 9, 9, None)) for group in (first, second)]
        assert sums[1] == pytest.approx(alone[0][1] + alone[1][1])

    def test_a_name_adds_its_idf(self, db):
        fill(db, ["x"] * 6, names=["CG PTN", "CG", "PTN KRi", "", "", ""])
        assert fulltext.cross(db, [], ["CG"], 9, 6, None) == [
            (1, pytest.approx(fulltext.idf(6, 2))),
            (2, pytest.approx(fulltext.idf(6, 2))),
        ]
        assert ids(fulltext.cross(db, [], ["KRi", "PTN"], 9, 6, None)) == [3, 1]

    def test_two_names_that_stand_together_add_half_of_theirs(self, db):
        fill(db, ["x"] * 6, names=["CG PTN", "PTN CG", "", "", "", ""])
        scored = dict(fulltext.cross(db, [], ["CG", "PTN"], 9, 6, None))
        assert scored[1] - scored[2] == pytest.approx(fulltext.idf(6, 1) / 2)

    def test_scores_are_bm25_with_the_idf_of_lucene(self, db):
        words = ["ضامن ضامن حشو", "ضامن حشو حشو حشو"] + ["حشو"] * 5
        fill(db, words)
        n, total = 2, len(words)
        average = sum(len(line.split()) for line in words) / total
        for id_, score in fulltext.cross(db, [[("ضامن", 0.7)]], [], 9, total, None):
            line = words[id_ - 1].split()
            often = line.count("ضامن")
            norm = often + 1.2 * (1 - 0.75 + 0.75 * len(line) / average)
            assert score == pytest.approx(0.7 * fulltext.idf(total, n) * often * 2.2 / norm, rel=1e-6)

    def test_a_word_of_most_passages_still_counts_a_little(self, db):
        fill(db, ["ضامن"] * 5 + ["نهر"])
        scored = fulltext.cross(db, [[("ضامن", 1.0)]], [], 9, 6, None)
        assert len(scored) == 5
        assert all(0 < score < 1 for _, score in scored)

    def test_upper_case_and_space_do_not_hide_a_term(self, db):
        fill(db, ["nato summit"])
        assert ids(fulltext.cross(db, [[(" NATO ", 1.0)]], [], 5, 1, None)) == [1]
