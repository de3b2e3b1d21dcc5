"""The renderer: everything escaped, each paragraph in its direction, offsets exact."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rag.chat.render import Exchange, article_html, direction, escape, flow, marked, transcript
from rag.chat.words import WORDS
from rag.types import Article, Sentence, Span
from tests.chat_fakes import ARABIC, abstained, answer_of, article, hit_on, two_articles

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "![x](http://evil.example/a.png)",
    "[here](javascript:alert(1))", "${alert(1)}", "{{constructor.constructor('alert(1)')()}}", "`${1}`",
    "\u202egnp.exe\u202c", "\x1b[31mred\x1b[0m", "<svg/onload=alert(1)>", "&lt;script&gt;", "</article></div>",
)  # fmt: skip
ALLOWED = {
    "section", "div", "p", "span", "bdi", "button", "ol", "ul", "li", "blockquote", "mark", "small", "q", "article",
    "header",
}  # fmt: skip
ATTRIBUTES = {"class", "dir", "lang", "role", "type", "data-open", "aria-label", "title", "id", "tabindex"}


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def harmless(page: str) -> None:
    for tag, attributes in Tags(page).tags:
        assert tag in ALLOWED
        assert set(attributes) <= ATTRIBUTES
    assert not re.search(r"[${}`\x1b\u202a-\u202e\u2066-\u2069]", page)


def poisoned(text: str) -> Exchange:
    found = replace(article("a.txt", ARABIC), text=text, title=text, source=text, date=text)
    answer = answer_of(text, found, text, text)
    cited = replace(answer.citations[0], rendering=text, also_in=(text,))
    said = (Sentence(f"{text} [1]", (1,)), Sentence(text, (), False, text))
    return Exchange(
        text,
        answer=replace(answer, citations=(cited,), sentences=said, searched=text + "?", generator=text),
        note=text,
    )


def test_nothing_hostile_survives_in_any_field() -> None:
    for text in HOSTILE:
        for ui in WORDS:
            exchange = poisoned(text)
            assert exchange.answer is not None
            gave_up = replace(exchange.answer, abstained=True, citations=(), sentences=())
            harmless(transcript([exchange, Exchange(text, told=text), Exchange(text, answer=gave_up)], ui))


@given(st.text(max_size=80))
def test_any_text_is_harmless_in_an_answer_and_in_an_article(text: str) -> None:
    harmless(transcript([Exchange(text, told=text)], "en"))
    found = Article("0" * 12, "s", text, text, "en", None, (), "")
    harmless(article_html(found, Span(0, len(text) // 2), (Span(0, 3),), "ar"))


@given(st.text(max_size=80))
def test_the_reader_sees_exactly_the_text_less_invisible_controls(text: str) -> None:
    seen = html.unescape(re.sub(r"</?bdi>", "", flow(text, "rtl")))
    assert seen == html.unescape(escape(text))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_marks_that_overlap_or_overrun_lose_no_text(spans: list[tuple[int, int]]) -> None:
    text = "abcdefghij klmnopqrst 12"
    drawn = marked(text, [Span(*pair) for pair in spans], "ltr")
    assert Tags(drawn).text == text


def test_while_streaming_and_after_the_same_words_are_drawn() -> None:
    answer = two_articles().script["Who met?"]
    live = Tags(transcript([Exchange("Who met?", told=answer.text)], "en")).text
    done = Tags(transcript([Exchange("Who met?", answer=answer)], "en")).text
    assert done.startswith(live)


def test_a_paragraph_goes_the_way_of_most_of_its_letters() -> None:
    assert direction("قال NATO إن الاجتماع") == "rtl"
    assert direction("The word شويغو is a name") == "ltr"
    assert direction("12 — 14") == "ltr"


def test_numbers_and_latin_names_are_isolated_in_arabic() -> None:
    assert flow("حضر 1,200 ضابط من NATO Allied Command", "rtl") == (
        "حضر <bdi>1,200</bdi> ضابط من <bdi>NATO Allied Command</bdi>"
    )


def test_a_citation_is_a_named_button_and_its_marks_are_marked() -> None:
    pipeline = two_articles()
    page = transcript([Exchange("كم ضابطا؟", answer=pipeline.script["كم ضابطا؟"])], "en")
    chips = [a for tag, a in Tags(page).tags if tag == "button"]
    assert chips and all(a["data-open"] == "0:c1" and "shoigu.txt" in (a["aria-label"] or "") for a in chips)
    assert "<mark><bdi>1,200</bdi> ضابط</mark>" in page
    assert '<blockquote dir="rtl" lang="ar">' in page
    assert "2020-05-12" in page


def test_an_unknown_marker_is_no_button() -> None:
    answer = replace(two_articles().script["Who met?"], citations=())
    assert "<button" not in transcript([Exchange("q", answer=answer)], "en")


def test_an_unverified_sentence_says_why() -> None:
    answer = replace(
        abstained("q"), sentences=(Sentence("It cost 9.", (), False, "number 9 not in the passage"),)
    )
    assert "not verified: number 9 not in the passage" in transcript([Exchange("q", answer=answer)], "en")


def test_an_abstention_offers_the_nearest_passages() -> None:
    hits = tuple(hit_on(found) for found in two_articles().articles())
    page = transcript([Exchange("q", answer=abstained("q", hits))], "en")
    assert [a.get("data-open") for tag, a in Tags(page).tags if tag == "button"] == ["0:h0", "0:h1"]


def test_the_searched_question_is_shown_only_when_it_differs() -> None:
    answer = two_articles().script["Who met?"]
    assert "Searched for" not in transcript([Exchange("Who met?", answer=answer)], "en")
    follow = replace(answer, question="And where?", searched="Where did the minister meet?")
    assert "Where did the minister meet?" in transcript([Exchange("And where?", answer=follow)], "en")


def test_the_panel_highlights_exactly_the_span_even_across_paragraphs() -> None:
    found = article("a.txt", ARABIC)
    start, end = found.text.index("موسكو"), found.text.index("1,200") + 5
    page = article_html(found, Span(start, end), (), "en")
    pieces = re.findall(r'<span class="sanad-cited"[^>]*>(.*?)</span>', page)
    assert "\n\n".join(Tags(piece).text for piece in pieces) == found.text[start:end]
    assert page.count('id="sanad-cited"') == 1


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["ar"].keys()
