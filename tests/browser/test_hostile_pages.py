"""Hostile articles in a real browser, through upload, chat, API and export: nothing executed, nothing fetched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.serving import WAIT, Watch, ask, cite, turn_to
from tests.browser.staging import RAW
from tests.hostile.payloads import hostile_texts

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
ACTING = ("img", "script", "iframe", "svg", "style", "link", "a", "object", "form:not(.remark)")
QUESTIONS = ("When did the harbour office of Ostra open?", "متى افتتح مكتب الميناء في أوسترا؟")
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x1b]")


def inert(page: Any, *places: str) -> None:
    """Nothing in these places can act, and nothing hidden reorders it; the mouse goes over all of it."""
    for place in places:
        for tag in ACTING:
            assert page.locator(f"{place} {tag}").count() == 0, (place, tag)
        assert not UNSEEN.search(page.locator(place).first.text_content())
    page.evaluate(
        "places => document.querySelectorAll(places).forEach(top => top.querySelectorAll('*').forEach(e => {"
        " for (const kind of ['mouseover', 'focus', 'load', 'error']) e.dispatchEvent(new Event(kind)); }))",
        ", ".join(places),
    )


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_raw_payloads_in_every_field_of_an_answer_do_nothing(site: Site, tongue: str) -> None:
    with site.visit(tongue) as page:
        turn = ask(page, RAW[tongue])
        cited = turn.locator(".sources button.chip")
        for number in range(cited.count()):
            before = page.locator("#beside .panel").inner_html()
            cited.nth(number).click()
            page.wait_for_function(
                "before => document.querySelector('#beside .panel').innerHTML !== before", arg=before
            )
            inert(page, "#past .turn", "#beside .panel")
        assert "<script>" in turn.text_content()  # as text
        print(f"{cited.count()} raw hostile articles opened ({tongue}); none acted")


def test_uploaded_payloads_do_nothing_in_list_article_chat_api_and_export(page: Any, site: Site) -> None:
    texts = hostile_texts()
    files = [{"name": n, "mimeType": "text/plain", "buffer": t.encode()} for n, t in texts.items()]
    turn_to(page, 1, ".library .list")
    page.locator(".drop input[type=file]").set_input_files(files)
    page.wait_for_function(
        "n => document.querySelectorAll('.verdicts li.added').length === n", arg=len(files), timeout=4 * WAIT
    )
    page.locator(f'tr[data-source="{files[-1]["name"]}"]').wait_for()
    inert(page, ".library .listing", ".library .verdicts")
    turn_to(page, 0, "#question textarea")
    for question in QUESTIONS:
        turn = ask(page, question)
        cite(page, turn)
        inert(page, "#past .turn", "#beside .panel")
    with page.expect_download() as waiting:
        page.locator("#exports a", has_text="Markdown").click()
    _read_elsewhere(site, Path(waiting.value.path()).read_text(encoding="utf-8"))
    _open_api(site, texts)
    for name in texts:
        assert page.request.delete(f"{site.home}/v1/articles/{name}").ok
    print(f"{len(texts)} hostile articles uploaded, shown, asked, fetched and exported; none acted")


def _read_elsewhere(site: Site, markdown: str) -> None:
    """The export as any Markdown viewer that lets HTML through would show it."""
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(markdown)
    context = site.chrome.new_context()
    watch = Watch(context, site.home)
    page = context.new_page()
    page.set_content(f"<main>{shown}</main>")
    inert(page, "main")
    watch.nothing_ran(page)
    context.close()


def _open_api(site: Site, texts: dict[str, str]) -> None:
    """The API's answers opened as pages."""
    context = site.chrome.new_context()
    watch = Watch(context, site.home)
    page = context.new_page()
    for name in texts:
        answer = page.goto(f"{site.home}/v1/articles/{name}")
        assert answer.headers["content-type"].startswith("application/json")
        assert page.locator("img, script, iframe, svg, object").count() == 0
        watch.nothing_ran(page)
    context.close()
