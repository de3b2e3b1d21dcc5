"""The lexicon file: found by bisection, named in errors, and what a question becomes through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.lexical import fold_words, forms, stem, terms
from rag.lexicon import LONGEST, LOOSE, Lexicon, cross_query, lexicon, sought
from rag.names import skeleton, skeletons
from train.lexicon import write

WORDS = st.text(alphabet="abcdeابتثج ", min_size=1, max_size=8)


@settings(deadline=None)
@given(st.dictionaries(WORDS.map(lambda w: "e" + w), st.integers(1, 100), min_size=1, max_size=40))
def test_every_key_is_found_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, int]
) -> None:
    path = tmp_path_factory.mktemp("lexicon") / "l.txt"
    digest = write(path, {key: f"كلمة:{weight}" for key, weight in table.items()})
    book = Lexicon(path)
    assert book.fingerprint == digest
    for key, weight in table.items():
        assert book._weighted(key) == (("كلمة", weight / 100),)
        assert book._weighted(key + "zz") == book._weighted("a" + key[1:]) == ()


def test_a_changed_entry_changes_the_fingerprint(tmp_path: Path) -> None:
    assert write(tmp_path / "a", {"ea": "ا:1"}) != write(tmp_path / "b", {"ea": "ا:2"})
    assert write(tmp_path / "a", {"ga": "one"}) != write(tmp_path / "b", {"ga": "two"})


def test_a_rendering_does_not_for_no_vector_depends_on_it(tmp_path: Path) -> None:
    lines = {"ea": "ا:1"}
    assert write(tmp_path / "a", {**lines, "Ea": "n:ا"}) == write(tmp_path / "b", {**lines, "Ab": "n:b"})


def test_a_missing_or_foreign_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.txt.*train\.lexicon"):
        Lexicon(tmp_path / "none.txt")
    for content in (b"", b"something else\n", b"#sanad-lexicon 99 0123456789abcdef\n"):
        (tmp_path / "bad.txt").write_bytes(content)
        with pytest.raises(ModelError, match=r"bad\.txt"):
            Lexicon(tmp_path / "bad.txt")


@pytest.mark.parametrize(
    ("word", "translation"),
    [
        ("guarantors", "ضامن"),
        ("ceasefire", "وقف إطلاق النار"),
        ("mosques", "مساجد"),
        ("delegation", "وفد"),
        ("Astana", "أستانا"),
        ("kindergarten", "روضة أطفال"),
    ],
)
def test_news_words_are_there_in_both_directions(word: str, translation: str) -> None:
    book = lexicon()
    assert translation in [found for found, _ in book.translations(word, "ar")]
    assert terms(word) in [terms(found) for found, _ in book.translations(translation, "en")]


def test_translations_come_best_first_with_weights() -> None:
    weights = [weight for _, weight in lexicon().translations("war", "ar")]
    assert weights == sorted(weights, reverse=True)
    assert all(0 < weight <= 1 for weight in weights)
    assert lexicon().translations("war", "other") == ()


@pytest.mark.parametrize(
    ("word", "first", "later"),
    [
        ("العملية", "operation", "currency"),
        ("العمليات", "operations", "currency"),
        ("عملة", "currency", "operation"),
        ("بالعملة", "currency", "operation"),
        ("الرياض", "Riyadh", "sport"),
        ("الرياضية", "sport", "Riyadh"),
        ("nation", "أمة", "جنسية"),
        ("nationality", "جنسية", "أمة"),
        ("nationalities", "جنسيات", "أمة"),
    ],
)
def test_words_that_share_a_stem_are_told_apart_by_their_form(word: str, first: str, later: str) -> None:
    found = dict(lexicon().translations(word, "ar" if word.isascii() else "en"))
    assert next(iter(found)) == first
    assert 0 < found[later] <= LOOSE < found[first]


def test_a_form_alone_of_its_stem_has_all_translations_of_it(tmp_path: Path) -> None:
    write(
        tmp_path / "l.txt", {"eword": "كلمة:90|لفظ:40", "enation": "امة:80|جنسية:60", "fnational": "جنسية:60"}
    )
    book = Lexicon(tmp_path / "l.txt")
    assert book.translations("words", "ar") == (("كلمة", 0.9), ("لفظ", 0.4))
    assert book.translations("nation", "ar") == (("امة", 0.8), ("جنسية", 0.6))
    assert book.translations("national", "ar") == (("جنسية", 0.6), ("امة", 0.8 * LOOSE))
    assert book.of_words(["of", "words"], "ar") == (("كلمة", 0.9), ("لفظ", 0.4))


@given(st.text(alphabet="ابةتعلموهاينسaeisdngy", min_size=1, max_size=12))
def test_the_forms_of_a_word_begin_with_itself_and_share_its_stem(word: str) -> None:
    folded = fold_words(word)
    found = forms(folded)
    assert found[0] in folded and len(found) == len(set(found))
    assert {stem(form) for form in found[1:]} <= {stem(folded)}


def test_any_form_of_a_word_is_looked_up() -> None:
    assert lexicon().translations("الهدنة", "en") == lexicon().translations("والهدنة", "en") != ()


def test_a_question_becomes_words_of_the_other_language() -> None:
    groups, names = cross_query("who are the guarantors?", lexicon())
    assert len(groups) == 1
    assert groups[0][0][0] == terms("ضامن")[0]
    assert names == []


def test_names_and_numbers_of_a_question() -> None:
    groups, names = cross_query("What did Sergei Lavrov say about resolution 2254?", lexicon())
    assert [("2254", 1.0)] in groups
    assert skeleton("لافروف") in names
    assert skeleton("سيرغي") in names
    assert "rsltn".upper() not in names


def test_an_unknown_arabic_word_may_be_a_name_with_a_clitic() -> None:
    _, names = cross_query("ماذا قال بكوزنيتسوف؟", lexicon())
    assert skeleton("Kuznetsov") in names


def test_a_phrase_is_taken_whole() -> None:
    groups, _ = cross_query("foreign minister", lexicon())
    assert len(groups) == 1
    assert {terms("وزير")[0], terms("الخارجية")[0]} <= {stem for stem, _ in groups[0]}


def test_a_long_name_is_taken_whole_and_so_is_what_stands_for_it() -> None:
    book = lexicon()
    name = "منظمة حظر الأسلحة الكيميائية"
    for asked in (
        "What did the Organisation for the Prohibition of Chemical Weapons say?",
        "What did the OPCW say?",
    ):
        groups, _ = cross_query(asked, book)
        assert {stem for stem, _ in groups[0]} == set(terms(name))
    [found] = [word for word in sought(f"ماذا قالت {name}؟", book) if len(word.own) > 1]
    assert set(terms("Organisation for the Prohibition of Chemical Weapons")) <= {
        one for one, _ in found.others
    }
    assert book.longest("منظمة") >= 4
    assert book.longest("كلمة") == book.longest("") == LONGEST


def test_a_question_of_stop_words_asks_for_nothing() -> None:
    assert cross_query("who is it?", lexicon()) == ([], [])
    assert cross_query("", lexicon()) == ([], [])


def test_vowel_marks_part_no_word() -> None:
    marked, bare = (cross_query(text, lexicon()) for text in ("متى أُعلِنَ الاتّفاق؟", "متى أعلن الاتفاق؟"))
    assert marked == bare
    assert bare[0]


@pytest.mark.parametrize(
    ("question", "own"),
    [
        ("Who was the vice-chair?", [("vice",), ("chair",)]),
        ("Which Huguenot-descended makers?", [("huguenot",), ("descend",), ("maker",)]),
        ("Who flew the F-16?", [("flew",), ("f16", "f", "16")]),
        ("Who was Al-Nusra?", [("al", "nusra")]),
        ("When did the ceasefire hold?", [("ceasefir",), ("hold",)]),
    ],
)
def test_a_hyphen_joins_codes_and_names_only(question: str, own: list[tuple[str, ...]]) -> None:
    assert [word.own for word in sought(question, lexicon())] == own


@pytest.mark.parametrize(
    ("asked", "told"),
    [("الهوغونوتيون", "Huguenots"), ("Lavrov's plan", "لافروف"), ("Qarmatians", "القرمطيون")],
)
def test_a_name_is_found_whatever_its_number(asked: str, told: str) -> None:
    assert set(cross_query(asked, lexicon())[1]) & set(skeletons(told))


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("كرة", "ball"),
        ("ناجح", "successful"),
        ("صيادلة", "pharmacist"),
        ("يستخدم", "use"),
        ("عناصر", "element"),
    ],
)
def test_a_common_word_leads_to_a_common_word(arabic: str, english: str) -> None:
    assert terms(english) in [terms(word) for word, _ in lexicon().translations(arabic, "en")[:3]]
