"""Articles in a real browser: upload by choosing and dropping, verdicts, the list, reading, deleting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.serving import turn_to
from tests.hostile.payloads import ENGLISH, PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
HARBOUR = ENGLISH.format(payload=PAYLOADS["script"])
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def test_articles_are_uploaded_dropped_listed_read_and_deleted(page: Any, site: Site) -> None:
    turn_to(page, 1, ".library .list")
    assert "Up to 50 MB" in page.locator(".drop small").text_content()
    before = page.locator(".list tr[data-source]").count()
    files = [
        {"name": "ostra.txt", "mimeType": "text/plain", "buffer": HARBOUR.encode()},
        {"name": "broken.docx", "mimeType": "application/octet-stream", "buffer": b"no archive"},
    ]
    page.locator(".drop input[type=file]").set_input_files(files)
    page.locator(".verdicts li.refused").wait_for()
    page.locator(".verdicts li.added", has_text="ostra.txt").wait_for()
    assert page.locator(".verdicts li.added").count() == 1
    page.evaluate(DROP, ["خليج.txt", "الخليج هادئ في الشتاء كما قال الصيادون لمراسلنا."])
    page.locator(".verdicts li.added", has_text="خليج.txt").wait_for()
    row = page.locator('tr[data-source="ostra.txt"]')
    assert row.locator("td").nth(1).text_content() == "English"
    assert int(row.locator("td.number").text_content()) >= 1
    row.locator(".view").click()
    page.locator(".library .panel h2").wait_for()
    assert "<script>" in page.locator(".library .panel").text_content()
    for name in ("ostra.txt", "خليج.txt"):
        gone = page.locator(f'tr[data-source="{name}"]')
        gone.locator(".remove").click()
        gone.wait_for(state="detached")
    page.locator(".list tr[data-source]").first.wait_for()
    assert page.locator(".list tr[data-source]").count() == before
    assert not {"ostra.txt", "خليج.txt"} & {article.source for article in site.stage.articles()}


def test_the_list_is_searched_and_dates_are_shown(page: Any) -> None:
    turn_to(page, 1, ".library .list")
    page.fill(".library .find", "lighthouse")
    page.locator('tr[data-source="bridge.txt"]').wait_for(state="detached")
    times = page.locator(".list tr[data-source] time").all_text_contents()
    assert sorted(times) == ["2016-05-12", "2019-05-12"]
