"""Makes docs/images: ``python -m tests.browser.screenshots`` asks the shipped articles in both languages."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from rag.assemble import assemble_over
from rag.chat.server import build_app
from rag.config import Config
from tests.browser.serving import ask, browser, serving

IMAGES = Path("docs/images")
ASKED = {"en": "Who are the guarantors?", "ar": "من هم الضامنون؟"}
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 400, "height": 860}


def opened(chrome: Any, home: str, tongue: str, size: dict[str, int], scheme: str = "light") -> Any:
    page = chrome.new_context(viewport=size, color_scheme=scheme).new_page()
    page.goto(f"{home}/{tongue}/")
    page.locator(".welcome .example").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)
    return page


def keep(page: Any, name: str) -> None:
    """Saves what is seen; 128 colours keep it well under 200 kB."""
    page.wait_for_timeout(800)
    image = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(128)
    image.save(IMAGES / f"{name}.png", optimize=True)
    page.context.close()


def chat(page: Any, question: str, cite: bool = True) -> None:
    ask(page, question)
    if cite:
        page.locator("#past button[data-article]").first.click()
        page.locator("#beside mark.cited").first.wait_for()


def main() -> None:
    """All images."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    pipeline = assemble_over([Path("seeds")], Config(generator="reader"))
    with tempfile.TemporaryDirectory() as kept:
        app = build_app(pipeline, Config(), chat=Path(kept))
        with serving(app) as home, browser() as chrome:
            for tongue, question in ASKED.items():
                page = opened(chrome, home, tongue, WIDE)
                chat(page, question)
                keep(page, f"chat-{tongue}")
            page = opened(chrome, home, "en", WIDE, "dark")
            chat(page, ASKED["en"])
            keep(page, "chat-en-dark")
            for tongue, question in ASKED.items():
                page = opened(chrome, home, tongue, PHONE, "dark")
                chat(page, question, cite=False)
                keep(page, f"phone-{tongue}-dark")
                page = opened(chrome, home, tongue, WIDE)
                page.get_by_role("tab").nth(1).click()
                page.locator(".library .view").first.click()
                page.locator(".library .panel h2").wait_for()
                keep(page, f"articles-{tongue}")
                page = opened(chrome, home, tongue, WIDE)
                page.get_by_role("tab").nth(2).click()
                page.fill("#tested textarea", question)
                page.click("#test")
                page.locator("#hits table").wait_for(timeout=60_000)
                keep(page, f"inside-{tongue}")
    pipeline.close()


if __name__ == "__main__":
    main()
