"""The server of the chat and the API: ``python app.py`` and ``sanad app``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.chat.guard import LOCAL, Guard, Rules
from rag.config import Config, load_config
from rag.errors import InputError, RagError

if TYPE_CHECKING:
    from rag.answer import Pipeline

PASSWORD = "SANAD_PASSWORD"
ANY = ("0.0.0.0", "::", "")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="sanad app", description="The chat and the API, in the browser.")
    made.add_argument("--host", help=f"address to listen on (127.0.0.1; any other needs {PASSWORD})")
    made.add_argument("--port", type=int, help="port to listen on (7860)")
    made.add_argument("--index", metavar="FOLDER", help="folder of the index")
    made.add_argument("--config", metavar="FILE", help="settings (sanad.toml)")
    return made


def rules_for(config: Config, password: str | None) -> Rules:
    """How the server guards itself.

    Raises:
        InputError: It would listen beyond this machine without a password.
    """
    if config.host not in LOCAL and not password:
        raise InputError(
            f"Listening on {config.host or 'every address'} lets other machines in, and no password is set. "
            f"Set {PASSWORD}, or leave out --host."
        )
    hosts = () if config.host in ANY else tuple(dict.fromkeys((*LOCAL, config.host.lower())))
    return Rules(hosts, password or None, config.max_upload_mb * 1_000_000)


def build_app(pipeline: Pipeline, config: Config, password: str | None = None) -> Any:
    """The whole application, guarded: chat at ``/``, API under ``/v1``."""
    rules = rules_for(config, password)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.responses import Response

    from rag.api import add_api
    from rag.chat.style import CSS, FONTS, MONO, PAGE_SCRIPT
    from rag.chat.ui import build_ui

    app = FastAPI(title="Sanad", docs_url=None, redoc_url=None)
    add_api(app, pipeline, config.max_upload_mb)

    def page_script() -> Any:
        return Response(PAGE_SCRIPT, media_type="text/javascript; charset=utf-8")

    app.add_api_route("/sanad/page.js", page_script, include_in_schema=False)
    theme = gr.themes.Default(primary_hue="teal", neutral_hue="stone", font=list(FONTS), font_mono=list(MONO))
    mounted = gr.mount_gradio_app(
        app, build_ui(pipeline), "/", footer_links=[], run_history=False, ssr_mode=False, pwa=False,
        enable_monitoring=False, mcp_server=False, max_file_size=f"{config.max_upload_mb}mb", theme=theme,
        css=CSS, show_error=False, server_name=config.host, server_port=config.port,
    )  # fmt: skip
    return Guard(mounted, rules)


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until interrupted. Exit status 2 for settings that cannot be used, 1 for a failing index or model."""
    args = parser().parse_args(argv)
    try:
        config = load_config(
            args.config, host=args.host, port=args.port, index=str(Path(args.index)) if args.index else None
        )
        password = os.environ.get(PASSWORD)
        rules_for(config, password)  # before the models load
        from rag.assemble import assemble

        pipeline = assemble(config)
    except RagError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    import uvicorn

    app = build_app(pipeline, config, password)
    shown = "127.0.0.1" if config.host in ANY else config.host
    print(f"Sanad answers at http://{shown}:{config.port} (Ctrl-C ends it)", flush=True)
    try:
        uvicorn.run(app, host=config.host, port=config.port, log_level="warning", access_log=False)
    finally:
        pipeline.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
