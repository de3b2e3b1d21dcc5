"""Makes docs/images: ``python -m tests.browser.screenshots`` asks the shipped articles in both languages."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from rag.assemble import assemble_over
from rag.chat.server import build_app
from rag.config import Config
from tests.browser.serving import ask, browser, serving

IMAGES = Path("docs/images")
ASKED = {"en": "Who are the guarantors?", "ar": "من هي الدول الضامنة؟"}


def main() -> None:
    pipeline = assemble_over([Path("seeds")], Config(generator="reader"))
    with tempfile.TemporaryDirectory() as kept:
        app = build_app(pipeline, Config(), chat=Path(kept))
        with serving(app) as home, browser() as chrome:
            for tongue, question in ASKED.items():
                page = chrome.new_page(viewport={"width": 1280, "height": 800})
                page.goto(f"{home}/{tongue}/")
                page.locator(".welcome .example").first.wait_for(timeout=60_000)
                page.wait_for_timeout(1_500)
                ask(page, question)
                page.locator("#past button[data-article]").first.click()
                page.locator("#beside mark.cited").first.wait_for()
                page.wait_for_timeout(800)
                shot = page.screenshot()
                # 128 colours keep it well under 200 kB.
                Image.open(BytesIO(shot)).convert("RGB").quantize(128).save(
                    IMAGES / f"chat-{tongue}.png", optimize=True
                )
                page.close()
    pipeline.close()


if __name__ == "__main__":
    main()
