"""Asking in a real browser: citations, directions, stopping, follow-ups, filters, conversations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.questions import read_questions
from tests.browser.conftest import Site
from tests.browser.serving import WAIT, ask, cite, started, turn_to
from tests.browser.staging import SLOWLY

pytestmark = [
    pytest.mark.browser,
    # Gradio and its event streams, stopped in the middle, are not ours to keep silent.
    pytest.mark.filterwarnings("default"),
]
REAL = {"en": "How long is the bridge, engineers said?", "ar": "كم كلف الجسر كما قال مهندسو المدينة؟"}
HIGHLIGHTED = (
    "() => [...document.querySelectorAll('#beside mark.cited')].map(e => e.textContent).join('\\n\\n')"
)


def exported(page: Any) -> dict[str, Any]:
    """The open conversation, as its JSON file has it."""
    with page.expect_download() as waiting:
        page.locator("#exports a", has_text="JSON").click()
    told: dict[str, Any] = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    return told


def way(place: Any) -> str:
    return str(place.evaluate("e => getComputedStyle(e).direction"))


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_the_highlighted_words_are_the_cited_span(site: Site, tongue: str) -> None:
    with site.visit(tongue) as page:
        cite(page, ask(page, REAL[tongue]))
        cited = exported(page)["turns"][0]["citations"][0]
        text = page.request.get(f"{site.home}/v1/articles/{cited['article_id']}").json()["text"]
        assert page.evaluate(HIGHLIGHTED) == text[cited["start"] : cited["end"]] == cited["quote"]
        assert page.locator("#past blockquote mark").all_text_contents() == [
            text[start:end] for start, end in cited["marks"]
        ]


def test_an_answer_goes_its_own_way_in_either_interface(page: Any) -> None:
    turns = [ask(page, "كم ضابطا؟"), ask(page, "Who met?")]
    assert [way(turn.locator(".answer > p").first) for turn in turns] == ["rtl", "ltr"]
    assert [way(turn.locator(".foot")) for turn in turns] == ["ltr", "ltr"]
    assert page.locator("#past .foot").last.text_content().startswith("found by the reader · 0.25 s")


def test_the_layout_is_mirrored_by_one_control(site: Site) -> None:
    with site.visit() as page:
        _mirrored(page)


def _mirrored(page: Any) -> None:
    def chat_comes_first() -> bool:
        talk, beside = (page.locator(f"#{name}").bounding_box()["x"] for name in ("talk", "beside"))
        return bool(talk < beside)

    assert chat_comes_first()
    page.click("a.tongue")
    page.wait_for_url("**/ar/")
    started(page)
    html = page.evaluate("() => [document.documentElement.dir, document.documentElement.lang]")
    assert html == ["rtl", "ar"]
    assert page.locator("#ask").text_content().strip() == "اسأل"
    assert not chat_comes_first()


def test_light_and_dark_by_one_control(site: Site) -> None:
    with site.visit(scheme="dark") as page:
        dark = "() => document.body.classList.contains('dark')"
        page.wait_for_function(dark)
        night = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
        page.click("button.theme")
        assert not page.evaluate(dark)
        assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") != night
        page.reload()
        started(page)
        assert not page.evaluate(dark)


def test_the_question_box_turns_with_what_is_typed(page: Any) -> None:
    box = page.locator("#question textarea")
    for text, expected in (("OpenAI تقدم نموذجا جديدا", "rtl"), ("Who is شويغو in Moscow", "ltr")):
        box.fill(text)
        assert box.evaluate("e => e.dir") == expected


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_on_a_phone_the_article_is_below_and_nothing_overflows(site: Site, tongue: str) -> None:
    with site.visit(tongue, width=375) as page:
        turn = ask(page, REAL[tongue])
        talk, beside = (page.locator(f"#{name}").bounding_box() for name in ("talk", "beside"))
        assert beside["y"] >= talk["y"] + talk["height"]
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        cite(page, turn)
        page.wait_for_function(
            "() => { const r = document.querySelector('#beside mark.cited').getBoundingClientRect();"
            " return r.top >= 0 && r.top < window.innerHeight; }"
        )


def test_stopping_keeps_what_had_come_unchecked(page: Any, site: Site) -> None:
    page.fill("#question textarea", SLOWLY)
    page.click("#ask")
    page.locator("#live .draft p", has_text="harbour office").first.wait_for()
    assert "not checked yet" in page.locator("#live .state").text_content()
    assert page.locator("#live img, #live script, #live svg, #live iframe, #live a").count() == 0
    page.click("#stop")
    turn = page.locator("#past .turn")
    turn.wait_for()
    assert "was not checked" in turn.locator(".state").text_content()
    assert "<script>" in turn.text_content()
    assert turn.locator("button.chip").count() == 0
    assert site.stage.stopped.wait(WAIT / 1000)
    ask(page, "Who met?")
    assert site.stage.asked[-1][1] == ()  # what was stopped is no history


def test_a_follow_up_is_searched_as_a_question_that_stands_alone(page: Any) -> None:
    ask(page, "How long is the bridge of Qatana?")
    turn = ask(page, "Who opened it?")
    told = turn.locator(".searched").text_content()
    assert told.startswith("Searched") and "bridge" in told


def test_filters_by_language_date_file_and_article(site: Site) -> None:
    with site.visit() as page:
        _filters(page, site)


def _filters(page: Any, site: Site) -> None:
    def used() -> Any:
        ask(page, "How many nights was the lighthouse lit?")
        return site.stage.asked[-1][2]

    def pick(box: str, label: str) -> None:
        page.locator(f"#{box} input").first.click()
        page.get_by_role("option", name=label).click()
        page.keyboard.press("Escape")

    page.locator("#filter button").first.click()
    page.locator("#in-language").get_by_text("English", exact=True).click()
    page.fill("#since input, #since textarea", "2018")
    page.fill("#until input, #until textarea", "٢٠٢٠-١٢")
    found = used()
    assert (found.language, found.since, found.until) == ("en", "2018", "2020-12")
    assert "344" in page.locator("#past .turn .answer").last.text_content()
    page.fill("#since input, #since textarea", "")
    page.fill("#until input, #until textarea", "")
    pick("places", "report-2016.json")
    sources = used().sources
    assert {source.partition("!")[0] for source in sources} == {"report-2016.json"}
    assert "301" in page.locator("#past .turn .answer").last.text_content()
    pick("only", "Lighthouse report 2019")
    (id,) = used().article_ids
    assert site.stage.article(id).date == "2019-05-12"
    assert page.locator("#past .turn .answer").last.evaluate("e => e.classList.contains('abstained')")
    page.fill("#since input, #since textarea", "yesterday")
    page.fill("#question textarea", "Who met?")
    page.click("#ask")
    page.locator("#live .notice", has_text="is not a date").wait_for()


def test_a_conversation_survives_a_reload_and_is_the_visitors_alone(site: Site, page: Any) -> None:
    ask(page, "Who met?")
    page.reload()
    page.locator("#past .turn").wait_for()
    assert "NATO envoys" in page.locator("#past .turn").text_content()
    id = exported(page)["id"]
    with site.visit() as other:
        assert other.locator("#conversations input[type=radio]").count() == 0
        assert other.request.get(f"{site.home}/ui/export/{id}.json").status == 400


def test_conversations_are_named_exported_and_deleted(site: Site, page: Any) -> None:
    ask(page, "Who met?")
    page.locator("#manage button").first.click()
    page.fill("#name input, #name textarea", "About envoys")
    page.click("#rename")
    page.locator("#conversations label", has_text="About envoys").wait_for()
    told = exported(page)
    assert told["name"] == "About envoys"
    assert told["turns"][0]["citations"][0]["quote"] == "The minister met NATO envoys in Cairo."
    with page.expect_download() as waiting:
        page.locator("#exports a", has_text="Markdown").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert text.startswith("# About envoys") and "> The minister met NATO envoys in Cairo." in text
    page.locator("#delete").click()
    page.locator("#past .welcome").wait_for()
    page.reload()
    started(page)
    assert page.locator("#conversations label", has_text="About envoys").count() == 0
    assert page.request.get(f"{site.home}/ui/export/{told['id']}.json").status == 400


def test_asking_again_and_a_new_conversation(page: Any, site: Site) -> None:
    ask(page, "Who met?")
    before = len(site.stage.asked)
    page.click("#retry")
    # The turn may leave and come back between two looks of the browser's driver; the question is asked once more.
    for _ in range(600):
        if len(site.stage.asked) > before:
            break
        page.wait_for_timeout(100)
    page.locator("#past .turn").wait_for()
    assert [question for question, _, _ in site.stage.asked[before:]] == ["Who met?"]
    page.locator("#retry").wait_for()
    page.click("#new")
    page.locator(".welcome .example").first.wait_for()
    assert page.locator("#past .turn").count() == 0


def test_the_keyboard_alone_asks_opens_and_closes_a_citation(page: Any) -> None:
    page.locator("#question textarea").focus()
    page.keyboard.type("Who met?")
    page.keyboard.press("Enter")
    page.locator("#past button.chip").first.wait_for()
    page.locator("#past button.chip").first.focus()
    page.keyboard.press("Enter")
    page.locator("#beside mark.cited").first.wait_for()
    assert page.evaluate("() => document.activeElement.tagName") == "H2"  # a screen reader reads on there
    page.keyboard.press("Escape")
    page.locator("#beside mark.cited").first.wait_for(state="detached")
    assert page.evaluate("() => document.activeElement.matches('#past button.chip')")


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_every_control_has_a_name_for_a_screen_reader(site: Site, tongue: str) -> None:
    with site.visit(tongue) as page:
        ask(page, "Who met?")
        page.locator("#filter button").first.click()
        nameless = page.evaluate(
            "() => [...document.querySelectorAll('button, a[href], input, textarea, [role=tab]')]"
            ".filter(e => e.offsetParent && !e.closest('[aria-hidden=true]'))"
            ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.placeholder ||"
            " e.title || [...(e.labels || [])].some(l => l.textContent.trim())))"
            ".map(e => e.outerHTML.slice(0, 200))"
        )
        assert nameless == []
        assert page.locator("#past").get_attribute("aria-live") == "polite"


def test_a_thumb_and_its_remark_go_to_a_file_that_the_evaluation_reads(page: Any, site: Site) -> None:
    turn = ask(page, REAL["en"])
    turn.locator(".thumb[data-thumb=up]").click()
    turn.locator(".remark input").fill("exactly so")
    turn.locator(".remark button").click()
    turn.locator(".thanks", has_text="Kept").wait_for()
    file = site.kept / "feedback.jsonl"
    page.wait_for_timeout(500)
    (row,) = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert (row["thumb"], row["remark"], row["question"]) == ("up", "exactly so", REAL["en"])
    (question,) = read_questions(file)
    assert question.gold[0].source == "bridge.txt" and "812 metres" in question.gold[0].quote


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_looking_inside_shows_each_leg_and_the_last_evaluation(site: Site, tongue: str) -> None:
    with site.visit(tongue) as page:
        turn_to(page, 2, "#tested textarea, #tested input")
        page.fill("#tested textarea, #tested input", REAL["en"])
        page.click("#test")
        page.locator("#hits table").wait_for()
        first = page.locator("#hits tbody tr").first.text_content()
        assert "bridge.txt" in first and "#1" in first
        page.locator("#results .bar").first.wait_for(state="attached")
