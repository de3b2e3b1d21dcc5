"""One server and one browser for all browser tests; a page of a new visitor for each."""

# Hypothesis is imported here although nothing draws examples: else its plugin imports it when the tests end, and
# Python 3.11 fails to compile while the server's threads do (python/cpython#106905).

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis  # noqa: F401
import pytest

from rag.chat.server import build_app
from rag.config import Config
from tests.browser.serving import WAIT, Watch, browser, chromium, opened, serving
from tests.browser.staging import Staged, staged


@dataclass(frozen=True)
class Site:
    """What the tests look at: the server's address, what it answers from, and where it keeps conversations."""

    home: str
    stage: Staged
    kept: Path
    chrome: Any

    @contextmanager
    def visit(self, tongue: str = "en", width: int = 1280, scheme: str = "light") -> Iterator[Any]:
        """A page of a new visitor; what it must never do is checked when the block ends."""
        context = self.chrome.new_context(
            locale="en-GB", viewport={"width": width, "height": 860}, color_scheme=scheme
        )
        watch = Watch(context, self.home)
        try:
            page = context.new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            opened(page, self.home, tongue)
            yield page
            watch.nothing_ran(page)
        finally:
            context.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if chromium() is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("pip install playwright")
    kept = tmp_path_factory.mktemp("chat")
    with staged(tmp_path_factory.mktemp("stage")) as stage:
        app = build_app(stage, Config(), chat=kept)  # type: ignore[arg-type]
        with serving(app) as home, browser() as chrome:
            yield Site(home, stage, kept, chrome)


class Visitor:
    """One visitor for the tests that need no new one: loading the page is most of what a test costs."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open = ExitStack()
        self.page: Any = None

    def afresh(self) -> Any:
        """The page at a new conversation; a new visitor where the last test left it elsewhere."""
        if self.page is not None and self.page.url == f"{self._site.home}/en/":
            self.page.get_by_role("tab").nth(0).click()
            # Where nothing was asked, nothing would tell that the answer to the click has come.
            if not self.page.locator("#past .welcome").count():
                self.page.click("#new")
                self.page.locator("#past .welcome").wait_for(timeout=WAIT)
            return self.page
        self.leave()
        self.page = self._open.enter_context(self._site.visit())
        return self.page

    def leave(self) -> None:
        """Closes the page, and checks what it must never have done."""
        self.page = None
        self._open.close()


@pytest.fixture(scope="session")
def visitor(site: Site) -> Iterator[Visitor]:
    made = Visitor(site)
    yield made
    made.leave()


@pytest.fixture
def page(site: Site, visitor: Visitor, request: pytest.FixtureRequest) -> Iterator[Any]:
    failed = request.session.testsfailed
    yield visitor.afresh()
    if request.session.testsfailed > failed:
        visitor.leave()
