"""The server of the chat and the API: ``python app.py`` and ``sanad app``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.chat.guard import LOCAL, Guard, Rules
from rag.chat.words import Tongue
from rag.config import Config, load_config
from rag.errors import InputError, RagError

if TYPE_CHECKING:
    from rag.answer import Pipeline

PASSWORD = "SANAD_PASSWORD"
KEY = "SANAD_API_KEY"
FRAME = 100_000  # bytes that a form needs around its files
ANY = ("0.0.0.0", "::", "")
TONGUES: tuple[Tongue, ...] = ("en", "ar")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="sanad app", description="The chat and the API, in the browser.")
    made.add_argument(
        "--host", help=f"address to listen on (127.0.0.1; one open to others needs {PASSWORD} or {KEY})"
    )
    made.add_argument("--port", type=int, help="port to listen on (7860)")
    made.add_argument("--index", metavar="FOLDER", help="folder of the index")
    made.add_argument("--config", metavar="FILE", help="settings (RAG_CONFIG, else ./sanad.toml)")
    return made


def rules_for(config: Config, password: str | None, key: str | None = None) -> Rules:
    """How the server guards itself.

    Raises:
        InputError: It would listen beyond this machine without a password or key.
    """
    if config.host not in LOCAL and not (password or key):
        raise InputError(
            f"Listening on {config.host or 'every address'} lets other machines in, and no password is set. "
            f"Set {PASSWORD} or {KEY}, or leave out --host."
        )
    hosts = () if config.host in ANY else tuple(dict.fromkeys((*LOCAL, config.host.lower())))
    return Rules(hosts, password or None, config.max_upload_mb * 1_000_000 + FRAME, key or None)


def build_app(
    pipeline: Pipeline,
    config: Config,
    password: str | None = None,
    chat: Path | None = None,
    key: str | None = None,
) -> Any:
    """The whole application, guarded: the chat at ``/en/`` and ``/ar/``, the API under ``/v1``.

    Args:
        chat: Folder of the conversations; None takes the user's (``rag.chat.conversations``).
    """
    rules = rules_for(config, password, key)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
    import gradio as gr
    from fastapi import FastAPI

    from rag.api import add_api
    from rag.chat.askers import Askers
    from rag.chat.conversations import Conversations, chat_folder
    from rag.chat.fragments import add_fragments
    from rag.chat.page import build_page
    from rag.chat.style import FONTS, MONO
    from rag.chat.talk import Talk
    from rag.formats import SUFFIXES

    app = FastAPI(title="Sanad", version="1", docs_url=None, redoc_url=None)
    add_api(app, pipeline, config.max_upload_mb)
    kept = Conversations(chat or chat_folder())
    add_fragments(app, pipeline, kept)
    talking = Talk(pipeline, kept)
    theme = gr.themes.Default(primary_hue="teal", neutral_hue="slate", font=list(FONTS), font_mono=list(MONO))
    kinds = " ".join(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))
    for tongue in TONGUES:
        page = build_page(pipeline, talking, tongue, kinds, config.max_upload_mb)
        app = gr.mount_gradio_app(
            app, page, f"/{tongue}", footer_links=[], run_history=False, ssr_mode=False, pwa=False,
            enable_monitoring=False, mcp_server=False, max_file_size=1, theme=theme, show_error=False,
            server_name=config.host, server_port=config.port,
        )  # fmt: skip
    return Guard(Askers(app), rules)


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until interrupted. Exit status 2 for settings that cannot be used, 1 for a failing index or model."""
    args = parser().parse_args(argv)
    try:
        config = load_config(
            args.config, host=args.host, port=args.port, index=str(Path(args.index)) if args.index else None
        )
        password, key = os.environ.get(PASSWORD), os.environ.get(KEY)
        rules_for(config, password, key)  # before the models load
        from rag.assemble import assemble

        pipeline = assemble(config)
    except RagError as error:
        return error.reported()
    import uvicorn

    app = build_app(pipeline, config, password, key=key)
    shown = "127.0.0.1" if config.host in ANY else config.host
    print(f"Sanad answers at http://{shown}:{config.port} (Ctrl-C ends it)", flush=True)
    try:
        uvicorn.run(app, host=config.host, port=config.port, log_level="warning", access_log=False)
    finally:
        pipeline.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
