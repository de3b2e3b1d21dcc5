"""The renderer: everything escaped, each paragraph in its direction, offsets exact."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rag.chat.bidi import direction, harmless, inline
from rag.chat.reading import article_html, articles_html
from rag.chat.render import draft_html, error_html, marked, turn_html, welcome_html
from rag.chat.shown import Shown, from_json, shown, to_json
from rag.chat.words import Tongue
from rag.types import Article, Sentence, Span
from tests.chat_fakes import ARABIC, abstained, answer_of, article, hit_on, two_articles
from tests.hostile.payloads import PAYLOADS

TONGUES: tuple[Tongue, ...] = ("en", "ar")
TAGS = {
    "article", "div", "p", "span", "bdi", "button", "ol", "ul", "li", "blockquote", "mark", "small", "section", "h2",
    "h3", "details", "summary", "footer", "header", "strong", "time", "form", "input", "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
NAMES = {
    "class", "dir", "lang", "role", "type", "aria-label", "title", "tabindex", "aria-busy", "aria-hidden", "aria-pressed",
    "hidden", "maxlength", "placeholder", "scope",
}  # fmt: skip


class Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def buttons(self, css: str) -> list[dict[str, str | None]]:
        return [a for tag, a in self.tags if tag == "button" and css in (a.get("class") or "").split()]


def check(page: str) -> None:
    """Only our tags and attributes, and no character that a display or a terminal obeys."""
    for tag, attributes in Page(page).tags:
        assert tag in TAGS
        assert all(name in NAMES or name.startswith("data-") for name in attributes), attributes
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)


def poisoned(text: str) -> Shown:
    """An exchange with ``text`` in every field that comes from outside."""
    found = replace(article("a.txt", ARABIC), text=text, title=text, source=text, date=text)
    answer = answer_of(text, found, text, text)
    cited = replace(answer.citations[0], rendering=text, also_in=(text,), article_id=text)
    said = (Sentence(f"{text} [1]", (1,)), Sentence(text, (), False, text))
    return shown(replace(answer, citations=(cited,), sentences=said, searched=text + "?", generator=text))


def test_nothing_hostile_acts_from_any_field() -> None:
    for text in PAYLOADS.values():
        turn = poisoned(text)
        gave_up = replace(shown(abstained(text, (hit_on(article(text, text)),))), text=text)
        for tongue in TONGUES:
            for state in ("done", "stopped", "failed"):
                check(turn_html(replace(turn, state=state), tongue, text))  # type: ignore[arg-type]
            check(turn_html(gave_up, tongue))
            check(draft_html(text, text, tongue))
            check(error_html(text, tongue))
            check(
                articles_html([(replace(article("a", "b"), source=text, title=text, date=text), 1)], tongue)
            )


@given(st.text(max_size=80))
def test_any_text_is_harmless_in_a_draft_and_in_an_article(text: str) -> None:
    check(draft_html(text, text, "en"))
    check(article_html(Article("0" * 12, "s", text, text, "en", None, (), ""), "ar", Span(0, len(text) // 2)))


@given(st.text(max_size=80), st.sampled_from(["rtl", "ltr"]))
def test_a_reader_sees_exactly_the_text_less_invisible_controls(text: str, base: str) -> None:
    drawn = inline(text, base)  # type: ignore[arg-type]
    assert html.unescape(re.sub("</?bdi>", "", drawn)) == harmless(text)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5), st.integers(0, 20))
def test_marks_that_overlap_or_overrun_lose_no_text(spans: list[tuple[int, int]], offset: int) -> None:
    text = "abcdefghij klmnopqrst 12"
    assert Page(marked(text, offset, [Span(*pair) for pair in spans], "ltr")).text == text


def test_while_streaming_and_after_the_same_words_are_drawn() -> None:
    answer = two_articles().script["Who met?"]
    live, done = draft_html("Who met?", answer.text, "en"), turn_html(shown(answer), "en")
    assert "NATO envoys" in Page(live).text and "NATO envoys" in Page(done).text
    assert not Page(live).buttons("chip") and Page(done).buttons("chip")


def test_a_paragraph_goes_the_way_of_most_of_its_letters() -> None:
    assert direction("OpenAI تقدم نموذجا جديدا") == "rtl"
    assert direction("The word شويغو is a name") == "ltr"


def test_a_quote_within_a_quote_does_not_turn_an_english_answer() -> None:
    said = "In the words of the article: “قال إن روسيا “ستواصل” ذلك في كل الأحوال” [1]."
    turn = replace(shown(two_articles().script["Who met?"]), sentences=(Sentence(said, (1,)),))
    assert '<p dir="ltr">In the words of the article: “<bdi dir="rtl">قال إن' in turn_html(turn, "ar")


def test_numbers_and_latin_names_are_isolated_in_arabic() -> None:
    drawn = inline("حضر 1,200 ضابط من NATO Allied Command", "rtl")
    assert "<bdi>NATO Allied Command</bdi>" in drawn and re.search("<bdi>1,200 ?</bdi>", drawn)


def test_a_citation_is_a_named_button_and_its_marks_are_marked() -> None:
    answer = two_articles().script["كم ضابطا؟"]
    page = turn_html(shown(answer), "en")
    cited = answer.citations[0]
    chips = Page(page).buttons("chip")
    assert chips and all(
        (chip["data-article"], chip["data-start"], chip["data-end"])
        == (cited.article_id, str(cited.start), str(cited.end))
        and "shoigu.txt" in (chip["aria-label"] or "")
        for chip in chips
    )
    assert [Page(m).text for m in re.findall("<mark>(.*?)</mark>", page)] == ["1,200 ضابط"]
    assert '<blockquote dir="rtl">' in page and "2020-05-12" in page


def test_an_arabic_quote_is_glossed_for_who_asked_in_english() -> None:
    turn = shown(two_articles().script["كم ضابطا؟"])
    assert "<details" not in turn_html(turn, "ar")
    page = turn_html(replace(turn, question="How many officers came?"), "en")
    glossed = re.search('<details class="gloss"><summary>(.*?)</summary>(.*?)</details>', page)
    assert glossed and glossed[1] == "Word by word in English"
    assert "officer" in Page(glossed[2]).text and "no translation" in glossed[2]


def test_an_unknown_marker_is_no_button() -> None:
    turn = replace(shown(two_articles().script["Who met?"]), citations=())
    assert not Page(turn_html(turn, "en")).buttons("chip")


def test_an_unverified_sentence_says_why() -> None:
    turn = replace(
        shown(abstained("q")), sentences=(Sentence("It cost 9.", (), False, "number 9 not in the passage"),)
    )
    assert "number 9 not in the passage" in Page(turn_html(turn, "en")).text


def test_an_abstention_offers_the_nearest_passages() -> None:
    hits = tuple(hit_on(found) for found in two_articles().articles())
    opened = Page(turn_html(shown(abstained("q", hits)), "en")).buttons("open")
    assert [a["data-article"] for a in opened] == [hit.article.id for hit in hits]


def test_the_searched_question_is_shown_only_when_it_differs() -> None:
    turn = shown(two_articles().script["Who met?"])
    assert "Where did the minister meet?" not in turn_html(turn, "en")
    follow = replace(turn, question="And where?", searched="Where did the minister meet?")
    assert "Where did the minister meet?" in Page(turn_html(follow, "en")).text


def test_the_panel_highlights_exactly_the_span_even_across_paragraphs() -> None:
    found = article("a.txt", ARABIC)
    start, end = found.text.index("موسكو"), found.text.index("1,200") + 5
    page = article_html(found, "en", Span(start, end))
    pieces = [Page(p).text for p in re.findall('<mark class="cited"[^>]*>(.*?)</mark>', page)]
    assert "".join("".join(pieces).split()) == "".join(found.text[start:end].split())
    assert page.count("data-first") == 1


def test_a_kept_exchange_comes_back_the_same() -> None:
    for answer in (*two_articles().script.values(), abstained("q", (hit_on(article("a.txt", ARABIC)),))):
        turn = shown(answer, "2020-01-01T00:00:00+00:00")
        assert from_json(to_json(turn)) == turn


def test_examples_are_buttons_in_both_languages() -> None:
    for tongue in TONGUES:
        assert len(Page(welcome_html(tongue)).buttons("example")) == 3
