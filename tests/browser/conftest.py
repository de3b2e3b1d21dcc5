"""One server and one browser for all browser tests; a page of a new visitor for each."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rag.chat.server import build_app
from rag.config import Config
from tests.browser.serving import Watch, browser, chromium, opened, serving
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
            assert page.evaluate("() => window.sanadRan === undefined")
            assert (watch.outside, watch.errors) == ([], [])
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


@pytest.fixture
def page(site: Site) -> Iterator[Any]:
    with site.visit() as made:
        yield made
