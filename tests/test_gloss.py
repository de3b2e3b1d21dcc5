"""Arabic in English word by word: what the reader sees, and where it stands."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.clean import fold
from rag.embed import as_passage, as_question
from rag.gloss import _ARABIC, GLOSS, Glossary, in_english, reworded, word_by_word
from rag.gloss_words import PHRASES, PLAIN
from rag.lexicon import lexicon
from train.data import Example
from train.examples import glossed
from train.lexicon import GLOSSES, news_words


def told(text: str, question: str = "") -> str:
    return Glossary(question, lexicon()).gloss(text).text


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("في المدينة", "in the city"),
        ("وللمدينة", "and for the city"),
        ("وقال الرئيس", "and said the president"),
        ("وزير الخارجية", "the foreign minister"),
        ("القوات الحكومية السورية", "the Syrian government forces"),
        ("بالقوات الروسية الموجودة", "in the present Russian forces"),
        ("قوات روسية", "Russian forces"),
        ("وزير الدفاع الروسي", "the Russian defense minister"),
        ("أعلن الروسي", "announced the Russian"),
        ("القوات والسورية", "the forces and the Syrian"),
        ("من قبل الجيش", "by the army"),
        ("ومن خلال الولايات المتحدة", "and through the United States"),
        ("و25 بـ3", "and 25 in 3"),
        ("ال24", "the 24"),
        ("وقف إطلاق النار", "ceasefire"),
        ("62 ألف مقاتل، 3.5 مليون", "62 thousand fighter , 3 . 5 million"),
        ("سيتم", "will be"),
        ("أعلى جبل", "highest mountain"),
        ("أعلى من الجبل", "higher than the mountain"),
        ("أشهر الكتاب", "most famous the book"),
        ("بعد ثلاثة أشهر", "after three months"),
        ("قبل أشهر قليلة", "before months few"),
        (
            "وقالت منظمة حظر الأسلحة الكيميائية",
            "and said the Organisation for the Prohibition of Chemical Weapons",
        ),
        ("وكلاء البالغين", "agents the adult"),  # no "and", no "in the"
        ("مجلس الأمن", "the Security Council"),
        ("مجلس الأمن القومي", "the National Security Council"),
        ("\u200fقال الرئيس\u200e", "said the president"),
        ("القرار قرر", "the resolution decided"),
        ("hello 12", "hello 12"),
        ("قيزبران", "قيزبران"),
        ("", ""),
        ("ـ َ", "ـ َ"),
    ],
)
def test_words_and_phrases_have_their_usual_meaning(arabic: str, english: str) -> None:
    assert told(arabic) == english


def test_the_question_s_own_words_are_chosen() -> None:
    assert "guarantors" in told("الدول الضامنة للاتفاق", "Who are the guarantors?").split()
    assert "accord" in told("توقيع الاتفاق", "Who signed the accord?").split()
    assert "agreement" in told("توقيع الاتفاق", "Who signed the agreement?").split()
    # A name as the asker spells it, however Arabic does.
    for written in ("شويغو", "شويجو"):
        assert told(f"قال {written}", "What did Shoygu say?") == "said Shoygu"


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("من هو وزير الدفاع؟", "who is the defense minister ?"),
        ("مَن فاز بالكأس؟", "who"),
        ("كم عدد الوثائق؟", "how many documents ?"),
        ("متى بدأت الهدنة؟", "when began the truce ?"),
        ("ما الدول الضامنة؟", "what"),
        ("أين المدينة؟", "where the city ?"),
        ("ما هي المدينة؟", "what is the city ?"),
        ("ما الذي حدث؟", "what happened ?"),
        ("في أي مدينة وقع؟", "in which city "),
        ("من أي بلد؟", "from which country ?"),
        ("كم عمر الوزير؟", "how old is the minister ?"),
        ("كم بلغت الكلفة؟", "how much is the cost ?"),
        ("لمن الجائزة؟", "to whom the prize ?"),
        ("إلامَ يهدف الاتفاق؟", "to what aims the agreement ?"),
        ("علام ينص الاتفاق؟", "on what states the agreement ?"),
        ("مم يتكون الوفد؟", "of what consists the delegation ?"),
        ("مع من التقى الوزير؟", "with whom"),
        ("على يد من قتل الرئيس؟", "by whom killed the president ?"),
        ("على أي مدينة سيطر الجيش؟", "on which city"),
        ("ما عدد القتلى؟", "how many dead ?"),
        ("ما اسم المدينة؟", "what is name the city ?"),
        ("كم مرة زار المدينة؟", "how many times visited the city ?"),
        ("كم استغرقت المفاوضات؟", "how long took the negotiations ?"),
        ("إلى متى تستمر الهدنة؟", "until when continues the truce ?"),
        ("اذكر أسباب الأزمة", "name reasons the crisis"),
        ("\u200fمن هو الوزير؟\u200f", "who is the minister ?"),
    ],
)
def test_an_arabic_question_is_asked_in_english(question: str, english: str) -> None:
    assert in_english(question, lexicon()).startswith(english)


def test_an_arabic_question_takes_the_words_of_an_english_passage() -> None:
    passage = "The accord was signed by Joshua Norman in the town hall."
    assert in_english("من وقع الاتفاق مع جوشوا نورمان؟", lexicon(), passage) == (
        "who signed the accord with Joshua Norman ?"
    )


def test_a_text_may_be_glanced_at_in_english() -> None:
    text = "قال بوتين: «الهدنة (الجديدة) بدأت، واستمرت 3 أيام»."
    assert word_by_word(text, "Who spoke?", lexicon()) == (
        "said Putin: “the truce (the new) began, and continued 3 days”."
    )
    assert word_by_word(text, "من تحدث؟", lexicon()) == ""
    assert word_by_word("It began.", "Who spoke?", lexicon()) == ""


def test_a_question_is_written_in_the_forms_of_the_passage() -> None:
    assert reworded("كم بلغت كلفة الجسر؟", "وقال إن الكلفة بلغت 40 مليونا للجسر") == "كم بلغت الكلفة للجسر؟"
    assert reworded("Who signs?", "It was signed.") == "Who signed?"
    assert reworded("", "It was signed.") == ""


_PIECES = st.sampled_from(
    [
        "وقال",
        "الرئيس",
        "الروسي",
        "الجديد",
        "قوات",
        "كبيرة",
        "بوتين",
        "في",
        "12",
        "٣,٥",
        "،",
        "وقف",
        "إطلاق",
        "النار",
        "the",
        "—",
        "ًّ",
        "ـ",
        "\n",
        "قيزبران",
        "لِلْمدينة",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_PIECES, st.sampled_from([" ", "", "  "])), max_size=30),
    st.sampled_from(["", "Who spoke to Putin?"]),
)
def test_every_word_has_its_place_in_order(pieces: list[tuple[str, str]], question: str) -> None:
    text = "".join(piece + gap for piece, gap in pieces)
    gloss = Glossary(question, lexicon()).gloss(text)
    told_at = 0
    for told, source in gloss.places:
        assert told.start >= told_at
        assert gloss.text[told.start : told.end]
        assert text[source.start : source.end].strip()
        told_at = told.end
    assert told_at == len(gloss.text)
    sources = [source for _, source in gloss.places]
    for first, last in gloss.turned:
        # A noun, the last in English, is the first in Arabic.
        assert sources[first].start > sources[last - 1].start
        sources[first:last] = sorted(sources[first:last], key=lambda span: span.start)
    assert all(one.end <= other.start for one, other in pairwise(sources))
    # Nothing of the text is left out but white space.
    rest = list(text)
    for _, source in gloss.places:
        rest[source.start : source.end] = " " * (source.end - source.start)
    assert not "".join(rest).strip()


def folded(words: str) -> bool:
    return words == fold(words)


def test_the_tables_are_folded() -> None:
    for table in (PLAIN, PHRASES):
        for line in table.strip().replace("\n", "|").split("|"):
            words, equals, english = line.partition("=")
            assert equals and english.isascii() and words.strip() and folded(words), line


def test_what_words_mean_is_told_of_folded_words_without_particles() -> None:
    listed = [(arabic, english) for english, words in news_words(GLOSSES) for arabic in words.split()]
    assert len(listed) == len({arabic for arabic, _ in listed}) > 11_000
    for arabic, english in listed:
        assert folded(arabic) and english == english.strip() != "" and not _ARABIC.search(english), arabic
        assert lexicon().meaning(arabic) == english
    assert lexicon().meaning("قيزبران") == ""


def test_an_example_of_the_training_keeps_its_answer() -> None:
    context = "وقال وزير الدفاع سيرغي شويغو إن الهدنة بدأت."
    start = context.index("سيرغي")
    example = Example("من هو وزير الدفاع؟", context, start, start + len("سيرغي شويغو"), "made")
    made = glossed(example)
    assert made.question == "who is the defense minister ?"
    assert made.context[made.start : made.end] == "Sergei Shoigu"
    assert glossed(replace(example, start=-1, end=-1)).start == -1


def test_the_version_stands_for_what_is_embedded() -> None:
    """Passages are embedded as they are put into English: whatever changes that must change ``GLOSS``, or old indexes are searched wrongly.

    Another lexicon is told by its own hash.
    """
    seeds = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))
    told = "\n".join(as_passage(path.read_text(encoding="utf-8")) for path in seeds)
    asked = as_question("من هي الدول الضامنة لوقف إطلاق النار في سوريا؟")
    digest = hashlib.sha256(f"{told}\n{asked}".encode()).hexdigest()[:12]
    assert (GLOSS, lexicon().fingerprint, digest) == (4, "cc49f959d5114c82", "f5e8c9e11ea7")
