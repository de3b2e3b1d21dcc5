"""The page: its components and what happens when they are used. It only draws what ``rag`` answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.chat import talk
from rag.chat.render import Exchange, escape, transcript, within
from rag.chat.style import FIRST_PAGE, ON_LOAD, SHOW_CITED, SHOW_LAST, TURN_PAGE
from rag.chat.words import EXAMPLES, UiLanguage, say
from rag.types import Filter

LONGEST = 2_000  # characters of a question, as in ``rag.answer``


def drawn(exchanges: tuple[Exchange, ...], ui: UiLanguage) -> str:
    """The transcript, with the example questions under an empty one."""
    page = transcript(exchanges, ui)
    if exchanges:
        return page
    offered = "".join(
        f'<button type="button" dir="auto" data-example="{escape(text)}">{escape(text)}</button>'
        for text in EXAMPLES
    )
    return f'{page}<div class="sanad-examples" role="group" aria-label="{escape(say("examples", ui))}">{offered}</div>'


def headline(ui: UiLanguage) -> str:
    return within(ui, f"<h1>{escape(say('title', ui))}</h1><p>{escape(say('tagline', ui))}</p>")


def build_ui(pipeline: talk.Asker) -> Any:
    """The ``gr.Blocks`` of the chat over ``pipeline``."""
    import gradio as gr

    ui: UiLanguage = "en"
    with gr.Blocks(title="Sanad", analytics_enabled=False, fill_width=True) as page:
        exchanges = gr.State(())
        with gr.Row():
            head = gr.HTML(headline(ui), elem_id="sanad-head", scale=4)
            language = gr.Radio(
                [("English", "en"), ("العربية", "ar")], value=ui, label=say("language", ui), scale=1, min_width=220,
                elem_id="sanad-language",
            )  # fmt: skip
        with gr.Row():
            with gr.Column(scale=3, min_width=340):
                log = gr.HTML(
                    drawn((), ui), elem_id="sanad-log", js_on_load=ON_LOAD, html_template="${value}"
                )
                question = gr.Textbox(
                    label=say("question", ui), placeholder=say("placeholder", ui), lines=1, max_lines=5,
                    max_length=LONGEST, elem_id="sanad-question", autofocus=True,
                )  # fmt: skip
                with gr.Row():
                    ask = gr.Button(
                        say("ask", ui), variant="primary", elem_id="sanad-ask", min_width=80, size="md"
                    )
                    stop = gr.Button(
                        say("stop", ui), elem_id="sanad-stop", min_width=80, size="md", interactive=False
                    )
                    retry = gr.Button(say("retry", ui), elem_id="sanad-retry", min_width=80, size="md")
                    new = gr.Button(say("new", ui), elem_id="sanad-new", min_width=80, size="md")
            with gr.Column(scale=2, min_width=320):
                panel = gr.HTML(talk.opened(pipeline, (), "", ui), elem_id="sanad-panel")

        def run(text: str, before: tuple[Exchange, ...], ui: UiLanguage) -> Iterator[tuple[Any, ...]]:
            if not text.strip():
                yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
                return
            busy = (gr.update(interactive=False), gr.update(interactive=True))
            last = before
            for last in talk.ask(pipeline, text.strip(), before, Filter()):
                yield drawn(last, ui), last, "", *busy
            yield drawn(last, ui), last, "", gr.update(interactive=True), gr.update(interactive=False)

        def again(before: tuple[Exchange, ...], ui: UiLanguage) -> Iterator[tuple[Any, ...]]:
            yield from run(before[-1].question if before else "", before[:-1], ui)

        def from_example(
            before: tuple[Exchange, ...], ui: UiLanguage, event: Any
        ) -> Iterator[tuple[Any, ...]]:
            yield from run(str(event._data.get("example", ""))[:LONGEST], before, ui)

        def halt(now: tuple[Exchange, ...], ui: UiLanguage) -> tuple[Any, ...]:
            ended = talk.stopped(now, ui)
            return drawn(ended, ui), ended, gr.update(interactive=True), gr.update(interactive=False)

        def show(now: tuple[Exchange, ...], ui: UiLanguage, event: Any) -> str:
            return talk.opened(pipeline, now, str(event._data.get("open", "")), ui)

        def relabel(ui: UiLanguage, now: tuple[Exchange, ...]) -> list[Any]:
            return [
                gr.update(label=say("language", ui), value=ui),
                headline(ui),
                drawn(now, ui),
                gr.update(label=say("question", ui), placeholder=say("placeholder", ui)),
                *(say(key, ui) for key in ("ask", "stop", "retry", "new")),
                talk.opened(pipeline, now, "", ui),
            ]

        for handler in (
            from_example,
            show,
        ):  # Gradio knows the event by its annotation; it is imported late here
            handler.__annotations__["event"] = gr.EventData
        answering = [log, exchanges, question, ask, stop]
        asked = [
            gr.on(
                [ask.click, question.submit],
                run,
                [question, exchanges, language],
                answering,
                show_progress="hidden",
            ),
            retry.click(again, [exchanges, language], answering, show_progress="hidden"),
            log.example_select(from_example, [exchanges, language], answering, show_progress="hidden"),
        ]
        for event in asked:
            event.then(None, js=SHOW_LAST)
        stop.click(
            halt, [exchanges, language], [log, exchanges, ask, stop], cancels=asked, show_progress="hidden"
        )
        new.click(
            lambda ui: ((), drawn((), ui), talk.opened(pipeline, (), "", ui)), [language], [exchanges, log, panel],
            cancels=asked, show_progress="hidden",
        )  # fmt: skip
        log.click(show, [exchanges, language], [panel], show_progress="hidden").then(None, js=SHOW_CITED)
        labelled = [language, head, log, question, ask, stop, retry, new, panel]
        language.input(relabel, [language, exchanges], labelled, js=TURN_PAGE, show_progress="hidden")
        page.load(relabel, [language, exchanges], labelled, js=FIRST_PAGE, show_progress="hidden")
    return page
