"""The page, one for each interface language: its Gradio parts, and which function each button calls.

Gradio finds out what a handler takes from its annotations, so they are real here, not strings.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from typing import Any

from rag.chat import inside, talk
from rag.chat.askers import asker
from rag.chat.bidi import attribute
from rag.chat.fragments import export_html
from rag.chat.reading import opening
from rag.chat.render import welcome_html
from rag.chat.talk import Talk
from rag.chat.words import Tongue, words
from rag.errors import InputError, RagError
from rag.types import Filter

LONGEST = 2_000  # characters of a question, as in ``rag.answer``
_log = logging.getLogger(__name__)

AT_COOKIE = "sanad_at"  # the conversation that was open


def build_page(pipeline: Any, talking: Talk, tongue: Tongue, kinds: str, max_upload_mb: int) -> Any:
    """The ``gr.Blocks`` of one interface language over ``pipeline``."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
    import gradio as gr

    said = words(tongue)
    raw: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    with gr.Blocks(title=said["name"], analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_head(tongue), elem_id="head", **raw)
        current = gr.State("")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(said["chat"], id="chat") as chat_tab, gr.Row(elem_id="columns"):
                with gr.Column(scale=1, min_width=200, elem_id="side"):
                    new = gr.Button(said["new"], elem_id="new", size="sm")
                    listed = gr.Radio([], label=said["conversations"], elem_id="conversations")
                    with gr.Accordion(said["rename"], open=False, elem_id="manage"):
                        name = gr.Textbox(label=said["rename_to"], max_length=80, elem_id="name")
                        rename = gr.Button(said["rename"], size="sm", elem_id="rename")
                        delete = gr.Button(
                            said["delete_conversation"], size="sm", variant="stop", elem_id="delete"
                        )
                    exports = gr.HTML("", elem_id="exports", **raw)
                with gr.Column(scale=4, min_width=320, elem_id="talk"):
                    past = gr.HTML(welcome_html(tongue), elem_id="past", **raw)
                    live = gr.HTML("", elem_id="live", **raw)
                    with gr.Row(elem_id="asking"):
                        question = gr.Textbox(
                            show_label=False, placeholder=said["placeholder"], lines=1, max_lines=6, max_length=LONGEST,
                            elem_id="question", scale=6, autofocus=True, container=False,
                        )  # fmt: skip
                        go = gr.Button(said["ask"], variant="primary", elem_id="ask", min_width=80, scale=1)
                        stop = gr.Button(said["stop"], visible=False, elem_id="stop", min_width=80, scale=1)
                        retry = gr.Button(
                            said["retry"], visible=False, elem_id="retry", min_width=80, scale=1
                        )
                    with gr.Accordion(said["filter"], open=False, elem_id="filter"):
                        places = gr.Dropdown(
                            [], multiselect=True, label=said["filter_sources"], elem_id="places"
                        )
                        only = gr.Dropdown(
                            [], multiselect=True, label=said["filter_articles"], elem_id="only"
                        )
                        languages = [(said["any"], "any"), (said["arabic"], "ar"), (said["english"], "en")]
                        language = gr.Radio(
                            languages, value="any", label=said["filter_language"], elem_id="in-language"
                        )
                        with gr.Row():
                            since = gr.Textbox(
                                label=said["since"], max_length=10, elem_id="since", min_width=120
                            )
                            until = gr.Textbox(
                                label=said["until"], max_length=10, elem_id="until", min_width=120
                            )
                with gr.Column(scale=3, min_width=300, elem_id="beside"):
                    gr.HTML(_panel(tongue), **raw)
            with gr.Tab(said["articles"], id="articles", elem_id="articles-tab"):
                gr.HTML(_library(tongue, kinds, max_upload_mb), **raw)
            with gr.Tab(said["inside"], id="inside") as inside_tab:
                with gr.Row():
                    tested = gr.Textbox(
                        label=said["test_retrieval"], max_length=LONGEST, elem_id="tested", scale=5
                    )
                    test = gr.Button(said["test"], elem_id="test", scale=1, min_width=80)
                hits = gr.HTML("", elem_id="hits", **raw)
                gr.HTML(f"<h2>{said['evaluation']}</h2>", **raw)
                results = gr.HTML("", elem_id="results", **raw)

        # ---------------------------------------------------------- what the page shows

        def choices() -> dict[Any, Any]:
            found = pipeline.articles()
            titles = [(article.title or opening(article, 60), article.id) for article in found]
            names = sorted({talk.place_of(article.source) for article in found})
            return {only: gr.update(choices=titles), places: gr.update(choices=names)}

        def wanted(chosen_places: Any, ids: Any, where: str, first: str, last: str) -> Filter:
            from_these = set(chosen_places or ())
            sources = [a.source for a in pipeline.articles() if talk.place_of(a.source) in from_these]
            if from_these and not sources:
                raise InputError(said["gone"])
            return talk.where(ids, where, first, last, sources)

        def everything(who: str, id: str) -> dict[Any, Any]:
            kept = talking.kept.list(who)
            named = {conversation.id: conversation.name for conversation in kept}
            id = id if id in named else ""
            return {
                current: id,
                past: talking.transcript(who, id, tongue),
                live: "",
                listed: gr.update(choices=[(c.name, c.id) for c in kept], value=id or None),
                name: named.get(id, ""),
                exports: export_html(id, tongue),
                go: gr.update(visible=True),
                stop: gr.update(visible=False),
                retry: gr.update(visible=bool(id)),
            }

        shown = [current, past, live, listed, name, exports, go, stop, retry]

        def loaded(request: gr.Request) -> dict[Any, Any]:
            try:
                who = asker(request.cookies)
                return {**everything(who, request.cookies.get(AT_COOKIE, "")), **choices()}
            except RagError as error:
                return {live: talk.failed(error, tongue)}

        # ---------------------------------------------------------- what the buttons do

        async def ask(
            text: str, id: str, files: Any, ids: Any, where: str, first: str, last: str, request: gr.Request
        ) -> AsyncIterator[dict[Any, Any]]:
            if not text.strip():
                yield {live: ""}
                return
            try:
                who = asker(request.cookies)
                within = await asyncio.to_thread(wanted, files, ids, where, first, last)
                busy = {
                    go: gr.update(visible=False),
                    stop: gr.update(visible=True),
                    retry: gr.update(visible=False),
                }
                async for step in talking.ask(who, id, text, within, tongue):
                    if step.done:
                        yield everything(who, step.conversation)
                    else:
                        yield {current: step.conversation, live: step.live, question: "", **busy}
                        busy = {}
            except Exception as error:
                yield {
                    live: talk.failed(_foreseen(error), tongue),
                    go: gr.update(visible=True),
                    stop: gr.update(visible=False),
                }

        async def again(
            id: str, files: Any, ids: Any, where: str, first: str, last: str, request: gr.Request
        ) -> AsyncIterator[dict[Any, Any]]:
            who = asker(request.cookies)
            try:  # before the last exchange goes
                await asyncio.to_thread(wanted, files, ids, where, first, last)
            except Exception as error:
                yield {live: talk.failed(_foreseen(error), tongue)}
                return
            if text := talking.again(who, id):
                yield {past: talking.transcript(who, id, tongue)}
                async for update in ask(text, id, files, ids, where, first, last, request):
                    yield update

        async def halt(id: str) -> None:
            talking.stop(id)

        async def fresh(id: str, request: gr.Request) -> dict[Any, Any]:
            # The question box stays as it is: what was typed meanwhile must not vanish.
            talking.leave(id)
            return everything(asker(request.cookies), "")

        async def chosen(picked: str | None, before: str, request: gr.Request) -> dict[Any, Any]:
            if picked != before:
                talking.leave(before)
            return everything(asker(request.cookies), picked or "")

        def renamed(id: str, text: str, request: gr.Request) -> dict[Any, Any]:
            who = asker(request.cookies)
            if id and text.strip():
                talking.kept.rename(who, id, text)
            return everything(who, id)

        async def deleted(id: str, request: gr.Request) -> dict[Any, Any]:
            who = asker(request.cookies)
            talking.leave(id)
            if id:
                talking.kept.delete(who, id)
            return everything(who, "")

        def looked(text: str) -> str:
            try:
                answer = pipeline.ask(text)
                found = pipeline.search(text, k=inside.SHOWN)
            except InputError as error:
                return talk.failed(error, tongue)
            return inside.retrieval_html(found, answer, pipeline.config.passages, tongue)

        quiet = {"show_progress": "hidden", "api_visibility": "private"}
        many = {**quiet, "concurrency_limit": None}
        filters = [places, only, language, since, until]
        gr.on([go.click, question.submit], ask, [question, current, *filters], [*shown, question], **many)
        retry.click(again, [current, *filters], [*shown, question], **many)
        # Not with queue=False: the guard lets only the queue's own routes through.
        stop.click(halt, [current], None, **many)
        new.click(fresh, [current], shown, **many)
        listed.input(chosen, [listed, current], shown, **many)
        rename.click(renamed, [current, name], shown, **many)
        delete.click(deleted, [current], shown, js=_sure(said["delete_sure"]), **many)
        gr.on([test.click, tested.submit], looked, [tested], [hits], **quiet)
        chat_tab.select(choices, None, [only, places], **many)
        inside_tab.select(lambda: inside.evaluation_html(tongue), None, [results], **quiet)
        page.load(loaded, None, [*shown, only, places], **many)
    return page


def _foreseen(error: Exception) -> RagError:
    """An error fit to be shown; one that was not raised on purpose goes to the log."""
    if isinstance(error, RagError):
        return error
    _log.error("the page failed", exc_info=error)
    return RagError("Something went wrong that was not foreseen; the server's log says what. Try again.")


def _sure(question: str) -> str:
    """Asks before deleting; a conversation that is not there is deleted by nobody."""
    return f"(id) => [window.confirm({question!r}) ? id : '']"


def _head(tongue: Tongue) -> str:
    said = words(tongue)
    other = "ar" if tongue == "en" else "en"
    return (
        f'<div class="brand"><h1>{said["name"]}</h1><p>{said["tagline"]}</p></div><div class="controls">'
        f'<a class="tongue" href="/{other}/" hreflang="{other}" lang="{other}" data-tongue="{other}">{said["other_tongue"]}</a>'
        f'<button type="button" class="theme" aria-label="{said["theme"]}" title="{said["theme"]}">◐</button></div>'
    )


def _panel(tongue: Tongue) -> str:
    said = words(tongue)
    empty = f'<p class="state">{said["panel_empty"]}</p>'
    return (
        f'<aside class="panel" aria-label="{said["panel"]}" tabindex="-1" data-empty="{attribute(said["panel_empty"])}">'
        f"{empty}</aside>"
    )


def _library(tongue: Tongue, kinds: str, max_upload_mb: int) -> str:
    said = words(tongue)
    told = (
        "uploading",
        "indexing",
        "added",
        "changed",
        "unchanged",
        "refused",
        "deleted",
        "delete_sure",
        "failed",
    )
    data = " ".join(f'data-{key.replace("_", "-")}="{attribute(said[key])}"' for key in told)
    return (
        f'<div class="library" {data}><label class="drop"><strong>{said["drop"]}</strong>'
        f"<small>{said['limits'].format(mb=max_upload_mb, kinds=f'<bdi>{kinds}</bdi>')}</small>"
        f'<input type="file" multiple aria-label="{said["choose"]}"></label>'
        f'<ul class="verdicts" role="log" aria-live="polite"></ul>'
        f'<div class="found"><div><input type="search" class="find" dir="auto" placeholder="{said["find"]}" '
        f'aria-label="{said["find"]}"><div class="listing" tabindex="-1"></div></div>'
        f'<aside class="panel" aria-label="{said["panel"]}" tabindex="-1" data-empty=""></aside></div></div>'
    )
