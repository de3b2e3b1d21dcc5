"""Where sentences end: each rule with a case that breaks when the rule is taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import sentences
from rag.types import Span

SEEDS = Path(__file__).parent.parent / "seeds"


def split(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "بلغت النسبة 3.5 بالمئة هذا العام",
        "وقال لافروف.. انه لا يستطيع احد اعطاء ضمانات",
        "من جانبه قال لافروف.. “روسيا ستدعو ممثلي الأمم المتحدة”.",
        "وتابع لافروف ..”اتفقنا على سلسلة من الوثائق”.",
        "ثم تمديدها ل/48/ ساعة اخرى ثم بعد ذلك",
        "عبر إرسال كلمة اشتراك على الرقم / 0940777186/ بعد تخزينه",
        "قال د. أحمد رمضان إن الاتفاق قائم",
        "نقلت أ.ف.ب. عن مصدر",
        "قال بنك إتش.إس.بي.سي إن محطة (سي.ان.ان ترك) على حق",
        "نقلت سي. إن. إن عن مصدر",
        "The U.S. and Russia agreed",
        "The U.S. State Department agreed",
        "U.S.-backed groups signed",
        "Mr. Lavrov met J. F. Kerry in Geneva",
        "See example.com for more",
        "Rates rose by 2.5% in Dec. 2016",
        "Resolution No. 2254 was adopted",
        "“Who signed?” he asked.",
        "1. The first condition",
        "وقع الاتفاق في 29.12.2016 في أنقرة",
    ],
)
def test_these_are_one_sentence(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("انتهى الأول.وبدأ الثاني.", ["انتهى الأول.", "وبدأ الثاني."]),
        ("قال “نعم”.وأضاف “لا”.", ["قال “نعم”.", "وأضاف “لا”."]),
        ("في سورية”.ورفض المصدر", ["في سورية”.", "ورفض المصدر"]),
        ("منذ سبتمبر 2015.وقال", ["منذ سبتمبر 2015.", "وقال"]),
        ("ماذا حدث؟ لا أحد يعرف! انتهى", ["ماذا حدث؟", "لا أحد يعرف!", "انتهى"]),
        ("الأول؛ الثاني… الثالث", ["الأول؛", "الثاني…", "الثالث"]),
        ("It ended.Then it began.", ["It ended.", "Then it began."]),
        ("He left the U.S. The talks failed.", ["He left the U.S.", "The talks failed."]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("a title\nanother line", ["a title", "another line"]),
        ("قال.. “انتهى..” وغادر", ["قال.. “انتهى..”", "وغادر"]),
    ],
)
def test_these_are_split(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_fused_full_stops_of_a_real_article_split() -> None:
    paragraph = (SEEDS / "001_ca36219c2c94c822.txt").read_text(encoding="utf-8").split("\n")[1]
    found = split(paragraph)
    assert len(found) == 14
    assert found[1].startswith("توصلت تركيا وروسيا")
    assert all(sentence.endswith((".", "”.")) for sentence in found)


def test_only_the_given_span_is_split() -> None:
    text = "One. Two. Three."
    assert sentences(text, Span(5, 9)) == (Span(5, 9),)


PIECES = st.lists(
    st.sampled_from(
        [
            "قال",
            "و",
            "The",
            "the",
            "U.S.",
            "3.5",
            " ",
            "  ",
            "\n",
            ".",
            "..",
            "...",
            "؟",
            "؛",
            "”",
            "“",
            '"',
            "/48/",
            "د.",
        ]
    ),
    max_size=30,
).map("".join)


@given(st.one_of(PIECES, st.text()))
def test_spans_are_in_order_inside_and_lose_nothing_but_space_and_stray_marks(text: str) -> None:
    end = 0
    rest = []
    for span in sentences(text):
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        rest.append(text[end : span.start])
        end = span.end
    rest.append(text[end:])
    assert not any(char.isalnum() for char in "".join(rest))
