"""Answers by a local language model: a GGUF file through llama.cpp.

The prompt is read in an order that lets llama.cpp keep its state from one question to the next: the
instructions first, then passages, then the question. What does not fit is left out passage by passage,
the last first, and said in the log; nothing is ever cut in the middle.
"""

from __future__ import annotations

import codecs
import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from rag import machine
from rag.errors import ExtraMissing, ModelError
from rag.gguf import Header, read_header
from rag.prompts import Message, answer_messages, rewrite_messages
from rag.template import Piece, chatml, own_template
from rag.types import Hit, Language, Turn

_log = logging.getLogger(__name__)

STOPS = ("<|im_end|>", "<|endoftext|>", "<|im_start|>", "</s>", "<passage", "\nQuestion:", "\nالسؤال:")
SPARE = 64 << 20  # bytes that must stay free beside the model and its cache


@dataclass(frozen=True, slots=True)
class LlamaSettings:
    """Attributes:
    threads: 0 takes all cores that the process may use.
    context: Tokens of the window; at most what the model was trained for.
    batch: Tokens of the prompt read at a time; the work can be cancelled between two batches.
    answer_tokens: Longest answer.
    temperature: 0 always takes the likeliest token.
    template: Sanad's ChatML, or the template inside the model.
    lookup: Guess the next tokens from the prompt (prompt-lookup decoding); costs much memory.
    """

    threads: int = 0
    context: int = 4096
    batch: int = 256
    answer_tokens: int = 320
    temperature: float = 0.0
    template: Literal["chatml", "model"] = "chatml"
    lookup: bool = False


class Turnstile:
    """Lets one caller in at a time, in the order of their coming."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        turn = threading.Event()
        with self._guard:
            self._waiting.append(turn)
            if len(self._waiting) == 1:
                turn.set()
        try:
            turn.wait()
        except BaseException:
            self._leave(turn)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(self._waiting[0])

    def _leave(self, turn: threading.Event) -> None:
        with self._guard:
            self._waiting.remove(turn)
            if self._waiting:
                self._waiting[0].set()


class LlamaGenerator:
    """A GGUF model. It is loaded by the first question; one request runs at a time, the others queue."""

    name = "llama"

    def __init__(self, path: Path, settings: LlamaSettings = LlamaSettings()) -> None:
        self._path = path
        self._settings = settings
        self._turnstile = Turnstile()
        self._model: Any = None
        self._header: Header | None = None

    def stream(self, question: str, hits: Sequence[Hit], language: Language) -> Iterator[str]:
        """Pieces of the answer. An empty piece is a sign of life while the prompt is being read."""
        with self._turnstile:
            self._load()
            tokens, used = self._prompt(question, hits, language)
            if used < len(hits):
                _log.warning("%d of %d passages fit into %d tokens", used, len(hits), self._window())
            yield from self._run(tokens, self._settings.answer_tokens)

    def rewrite(self, question: str, history: Sequence[Turn], language: Language) -> str:
        """The question made standalone by the model; the caller judges what comes back."""
        with self._turnstile:
            self._load()
            tokens = self._tokens(self._pieces(rewrite_messages(question, history, language)))
            if len(tokens) + 96 > self._window():
                return question
            return "".join(self._run(tokens, 96)).strip()

    def passages_that_fit(self, question: str, hits: Sequence[Hit], language: Language) -> int:
        """How many of ``hits`` the window holds, from the first on."""
        with self._turnstile:
            self._load()
            return self._prompt(question, hits, language)[1]

    def close(self) -> None:
        """Gives the memory back; a later question loads the model again."""
        with self._turnstile:
            if self._model is not None:
                self._model.close()
                self._model = None

    def _load(self) -> Any:
        if self._model is None:
            self._header = read_header(self._path)
            self._model = _open(self._path, self._header, self._settings)
        return self._model

    def _window(self) -> int:
        """Tokens of prompt and answer; llama.cpp itself would round them up."""
        assert self._header is not None
        return _window(self._header, self._settings)

    def _prompt(self, question: str, hits: Sequence[Hit], language: Language) -> tuple[list[int], int]:
        room = self._window() - self._settings.answer_tokens
        for used in range(len(hits), -1, -1):
            if used == 0 and hits:
                break
            pieces = self._pieces(answer_messages(question, hits[:used], language))
            tokens = self._tokens(pieces)
            if len(tokens) <= room:
                return tokens, used
        raise ModelError(
            f"Not one passage fits into the model's window of {self._window()} tokens with {room} left for "
            "the prompt. Raise context, or lower answer_tokens, in the settings."
        )

    def _pieces(self, messages: Sequence[Message]) -> tuple[Piece, ...]:
        assert self._header is not None
        source = str(self._header.metadata.get("tokenizer.chat_template", ""))
        if self._settings.template == "chatml" or not source:
            return chatml(messages, thinks="enable_thinking" in source)
        begin, end = (
            self._model.detokenize([token], special=True).decode("utf-8", "replace") if token >= 0 else ""
            for token in (self._model.token_bos(), self._model.token_eos())
        )
        return own_template(source, messages, begin=begin, end=end)

    def _tokens(self, pieces: Sequence[Piece]) -> list[int]:
        assert self._header is not None
        tokens: list[int] = []
        begin = self._model.token_bos()
        for piece in pieces:
            tokens += self._model.tokenize(piece.text.encode(), add_bos=False, special=piece.control)
        wanted = self._header.metadata.get("tokenizer.ggml.add_bos_token")
        if wanted and begin >= 0 and tokens[:1] != [begin]:
            tokens.insert(0, begin)
        return tokens

    def _run(self, tokens: list[int], limit: int) -> Iterator[str]:
        settings = self._settings
        import llama_cpp

        ends, vocabulary = llama_cpp.llama_vocab_is_eog, llama_cpp.llama_model_get_vocab(self._model.model)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        stopper = Stopper(STOPS)
        try:
            yield from self._read_prompt(tokens)
            steps = self._model.generate(tokens[-1:], temp=settings.temperature, top_k=40, reset=False)
            try:
                for count, token in enumerate(steps, start=1):
                    if ends(vocabulary, token):
                        break
                    piece = stopper.feed(decoder.decode(self._model.detokenize([token])))
                    if piece:
                        yield piece
                    if stopper.stopped or count >= limit:
                        break
            finally:
                steps.close()
        except (RuntimeError, ValueError, OSError) as error:
            self._model.reset()
            raise ModelError(
                f"The model {self._path.name} failed while answering ({error}). Try again."
            ) from error
        rest = stopper.feed(decoder.decode(b"", final=True)) + stopper.end()
        if rest:
            yield rest

    def _read_prompt(self, tokens: list[int]) -> Iterator[str]:
        """Reads all but the last token, from where the prompt parts from the one before."""
        model = self._model
        kept = 0
        for old, new in zip(model.input_ids[: model.n_tokens], tokens[:-1], strict=False):
            if int(old) != new:
                break
            kept += 1
        model.n_tokens = kept
        for start in range(kept, len(tokens) - 1, self._settings.batch):
            model.eval(tokens[start : min(start + self._settings.batch, len(tokens) - 1)])
            yield ""


class Stopper:
    """Ends a stream at the first stop string, and leaves out a leading block of reasoning.

    Text that may be the beginning of a stop string is held back until it is known.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._first = frozenset(stop[0] for stop in stops)
        self._longest = max(map(len, stops)) - 1
        self._held = ""
        self._begun = False
        self.stopped = False

    def feed(self, piece: str) -> str:
        if self.stopped:
            return ""
        self._held += piece
        if not self._begun and not self._skip_reasoning():
            return ""
        places = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if places:
            self.stopped = True
            shown, self._held = self._held[: min(places)], ""
            return shown
        keep = 0
        tail = self._held[-self._longest :]
        if not self._first.isdisjoint(tail):  # mostly nothing in it can begin a stop string
            sizes = range(1, len(tail) + 1)
            keep = max(
                (n for n in sizes if any(stop.startswith(tail[-n:]) for stop in self._stops)), default=0
            )
        shown, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return shown

    def end(self) -> str:
        rest, self._held = ("" if self.stopped else self._held), ""
        return "" if not self._begun and rest.lstrip().startswith("<think>") else rest

    def _skip_reasoning(self) -> bool:
        text = self._held.lstrip()
        if text.startswith("<think>"):
            _, closed, after = text.partition("</think>")
            if not closed:
                return False
            self._held = text = after.lstrip()
            if not text:
                return False
        elif "<think>".startswith(text):
            return False
        self._held, self._begun = text, True
        return True


def _window(header: Header, settings: LlamaSettings) -> int:
    trained = header.number("context_length", settings.context) or settings.context
    return min(settings.context, trained)


def _open(path: Path, header: Header, settings: LlamaSettings) -> Any:
    context = _window(header, settings)
    need = header.size + header.cache_bytes(context) + SPARE
    if settings.lookup:  # the scores of every token are kept, in 32 bits
        need += context * int(header.metadata.get("tokenizer.ggml.tokens", 0)) * 4
    free = machine.free_memory()
    if free is not None and need > free:
        raise ModelError(
            f"{path.name} needs about {need / 2**30:.1f} GB of memory and {free / 2**30:.1f} GB are free. "
            "Close other programs, lower context, or take a smaller model: python -m rag.models list"
        )
    try:
        from llama_cpp import Llama
        from llama_cpp.llama_speculative import LlamaPromptLookupDecoding
    except ImportError as error:
        raise ExtraMissing("llama-cpp-python", "llm") from error
    try:
        return Llama(
            str(path),
            n_ctx=context,
            n_batch=settings.batch,
            n_threads=settings.threads or machine.cores(),
            n_threads_batch=settings.threads or machine.cores(),
            draft_model=LlamaPromptLookupDecoding(num_pred_tokens=6) if settings.lookup else None,
            logits_all=settings.lookup,
            verbose=False,
        )
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(
            f"llama.cpp cannot load {path} ({error}). Its architecture may be newer than the installed "
            "version: pip install -U llama-cpp-python"
        ) from error
