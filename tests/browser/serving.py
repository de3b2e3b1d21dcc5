"""A server of the chat on a free port, and a Chromium that looks at it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WAIT = 60_000  # milliseconds: a busy machine may need them, an idle one none
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str | None:
    """The path of an installed Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of ``app``, served from a thread until the block ends."""
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not start")
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True  # open event streams would hold it
        thread.join(15)


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield opened
        finally:
            opened.close()


class Watch:
    """What the pages of a context did that they must not: requests to elsewhere, and errors."""

    def __init__(self, context: Any, home: str) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []
        context.set_default_timeout(WAIT)
        context.on("request", lambda request: self._seen(request.url, home))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def nothing_ran(self, page: Any) -> None:
        """No payload ran in ``page``, and nothing was asked of another server."""
        assert page.evaluate("() => window.sanadRan === undefined")
        assert (self.outside, self.errors) == ([], [])

    def _seen(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.outside.append(url)


def opened(page: Any, home: str, tongue: str) -> None:
    """Opens the chat and waits until Gradio has started and told what this visitor said before."""
    page.goto(f"{home}/{tongue}/", timeout=WAIT)
    started(page)


def started(page: Any) -> None:
    """Waits for a page that was loaded anew."""
    page.locator("#past [data-conversation]").wait_for(state="attached", timeout=WAIT)


def ask(page: Any, question: str) -> Any:
    """Types a question, sends it, waits for its answer, and returns the exchange."""
    before = page.locator("#past .turn").count()
    page.fill("#question textarea", question)
    page.click("#ask")
    turn = page.locator("#past .turn").nth(before)
    turn.wait_for(timeout=WAIT)
    page.locator("#ask").wait_for(timeout=WAIT)
    return turn


def cite(page: Any, turn: Any, number: int = 0) -> None:
    """Opens a citation of an exchange beside the chat."""
    turn.locator("button.chip").nth(number).click()
    page.locator("#beside mark.cited").first.wait_for(timeout=WAIT)


def turn_to(page: Any, tab: int, ready: str) -> None:
    """Opens a tab (0 chat, 1 articles, 2 look inside) and waits for what it shows."""
    page.get_by_role("tab").nth(tab).click()
    page.locator(ready).first.wait_for(timeout=WAIT)
