"""Answers by a server that speaks OpenAI's chat protocol: vLLM, llama-server, Ollama, and the like.

Only ``/v1/chat/completions`` (streamed) and ``/v1/models`` are used, over the standard library. No
redirect is followed and no other address is ever asked.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import random
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rag.config import Config
from rag.errors import InputError, ModelError
from rag.generate import STOPS, Stopper
from rag.prompts import Message, answer_messages, rewrite_messages
from rag.types import Hit, Language, Turn

_log = logging.getLogger(__name__)

TRIES = 4  # in all, while the server is busy or starting
PER_TOKEN = 2.5  # characters; Arabic with a tokenizer of few Arabic pieces comes near this
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LINE = 1 << 20  # bytes of one line of a stream; more is not this protocol


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is and how to talk to it.

    Attributes:
        url: ``http://host:port``, with or without ``/v1`` at its end.
        model: Name of the model; None takes the first that the server lists.
        key: Sent as a bearer token; None sends none.
        timeout: Seconds that the server may stay silent, before and during an answer.
        context: Tokens of the model's window, as far as known.
    """

    url: str
    model: str | None = None
    key: str | None = None
    timeout: float = 60.0
    context: int = 4096
    answer_tokens: int = 320

    def __repr__(self) -> str:  # the key stays out of logs and tracebacks
        return f"Server({self.url!r}, model={self.model!r})"


def server_of(config: Config) -> OpenAICompatible:
    """The client that ``config`` describes; the key comes from the environment variable it names."""
    if not config.openai_url:
        raise InputError(
            "No address for generator = openai. Set openai_url, such as http://127.0.0.1:8000/v1"
        )
    return OpenAICompatible(
        Server(
            url=config.openai_url,
            model=config.openai_model,
            key=os.environ.get(config.openai_key_variable, "").strip() or None,
            timeout=config.timeout,
            context=config.context,
            answer_tokens=config.answer_tokens,
        )
    )


class OpenAICompatible:
    """Streams answers from a ``Server``.

    Args:
        sleep: Waits between two tries; tests replace it.
    """

    name = "openai"

    def __init__(self, server: Server, sleep: Callable[[float], None] = time.sleep) -> None:
        self._server = server
        self._sleep = sleep
        try:
            parts = urlsplit(server.url if "://" in server.url else f"http://{server.url}")
        except ValueError as error:
            raise InputError(f"{server.url!r} is no address of a server ({error}).") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(
                f"{server.url!r} is no address of a server. Write it as http://127.0.0.1:8000/v1"
            )
        try:
            self._port = parts.port
        except ValueError as error:
            raise InputError(f"{server.url!r} has no usable port: {error}.") from error
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._path = parts.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/v1") + "/v1"
        self._model = server.model

    def stream(self, question: str, hits: Sequence[Hit], language: Language) -> Iterator[str]:
        """Pieces of the answer; closing the iterator closes the connection.

        Passages that the window cannot hold are left out whole, the last first; the server's own
        refusal of a prompt that is too long leaves out one half of them more.
        """
        used = self._passages_that_fit(question, hits, language)
        while True:
            if used < len(hits):
                _log.warning("%d of %d passages are sent to %s", used, len(hits), self._host)
            try:
                yield from self._chat(
                    answer_messages(question, hits[:used], language), self._server.answer_tokens
                )
                return
            except _TooLongError as error:
                if used <= 1:
                    raise ModelError(
                        f"Not one passage fits into the window of the model at {self._server.url}: {error}. "
                        "Raise the server's window or lower answer_tokens."
                    ) from error
                used //= 2

    def rewrite(self, question: str, history: Sequence[Turn], language: Language) -> str:
        """The question made standalone by the model; the caller judges what comes back."""
        return "".join(self._chat(rewrite_messages(question, history, language), 96)).strip()

    def _passages_that_fit(self, question: str, hits: Sequence[Hit], language: Language) -> int:
        room = (self._server.context - self._server.answer_tokens) * PER_TOKEN
        for used in range(len(hits), 1, -1):
            if sum(len(message.text) for message in answer_messages(question, hits[:used], language)) <= room:
                return used
        return min(1, len(hits))

    def _chat(self, messages: Sequence[Message], limit: int) -> Iterator[str]:
        body = {
            "model": self._named_model(),
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "max_tokens": limit,
            "temperature": 0,
            "stream": True,
        }
        connection, response = self._request("POST", "/chat/completions", body)
        stopper = Stopper(STOPS)
        try:
            for event in _events(response):
                if piece := stopper.feed(_delta(event)):
                    yield piece
                if stopper.stopped:
                    return
            if rest := stopper.end():
                yield rest
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from error
        finally:
            connection.close()

    def models(self) -> tuple[str, ...]:
        """The models that the server lists."""
        connection, response = self._request("GET", "/models", None)
        try:
            return tuple(str(one["id"]) for one in json.loads(response.read(_LINE))["data"])
        except (ValueError, LookupError, TypeError) as error:
            told = f"{self._server.url} does not list its models as OpenAI does. Check openai_url."
            raise ModelError(told) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from error
        finally:
            connection.close()

    def _named_model(self) -> str:
        if self._model is None:
            listed = self.models()
            if not listed:
                raise ModelError(f"{self._server.url} has no model loaded. Name one with openai_model.")
            self._model = listed[0]
        return self._model

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """An answered request with status 200; busy servers and refused connections are tried again."""
        payload = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if self._server.key:
            headers["Authorization"] = f"Bearer {self._server.key}"
        for attempt in range(1, TRIES + 1):
            connection = self._connection()
            try:
                connection.request(method, self._path + path, payload, headers)
                response = connection.getresponse()
            except (ValueError, UnicodeError, http.client.InvalidURL):
                connection.close()  # not told further: the words of the error may hold the key
                raise ModelError(
                    f"The request to {self._server.url} cannot be sent. Check openai_url, and the key in the environment "
                    "variable that openai_key_variable names: plain letters and digits only."
                ) from None
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if isinstance(error, TimeoutError | ssl.SSLError) or attempt == TRIES:
                    raise self._broken(error) from error
                self._sleep(_pause(attempt, None))
                continue
            if response.status == 200:
                return connection, response
            try:
                told = response.read(4096).decode("utf-8", "replace")
            except (OSError, http.client.HTTPException):
                told = ""
            connection.close()
            if response.status not in _BUSY or attempt == TRIES:
                raise self._refused(response.status, _message(told))
            self._sleep(_pause(attempt, response.headers.get("Retry-After")))
        raise AssertionError("unreachable")

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._server.timeout)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._server.timeout)

    def _refused(self, status: int, told: str) -> ModelError:
        where = self._server.url
        if status in (401, 403):
            return ModelError(
                f"{where} refuses the key ({status}: {told}). Put a valid one into the environment variable "
                "that openai_key_variable names."
            )
        if status == 404:
            return ModelError(
                f"{where} knows no model {self._model!r} or no chat ({told}). Check openai_url and "
                "openai_model."
            )
        if status in (400, 413, 422) and any(
            word in told.lower() for word in ("context", "too long", "token")
        ):
            return _TooLongError(told)
        return ModelError(f"{where} answered {status}: {told}. Look at the server's log.")

    def _broken(self, error: Exception) -> ModelError:
        where = self._server.url
        if isinstance(error, TimeoutError):
            return ModelError(
                f"{where} was silent for {self._server.timeout:g} s. Raise timeout, or ask a faster model."
            )
        return ModelError(f"No connection to {where} ({error}). Start the server, or check openai_url.")


class _TooLongError(ModelError):
    """The prompt has more tokens than the server's model takes."""


def _pause(attempt: int, retry_after: str | None) -> float:
    """Seconds before the next try: what the server asks for, at most 30; else 0.5, 1, 2, give or take."""
    if retry_after and retry_after.strip().isdigit():
        return min(30.0, float(retry_after))
    return float(0.5 * 2 ** (attempt - 1) * random.uniform(0.9, 1.1))


def _events(response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """The JSON values of a stream of server-sent events; a plain JSON reply counts as one event."""
    if "json" in (response.headers.get("Content-Type") or ""):
        yield _json(response.read(1 << 24).decode("utf-8", "replace"))
        return
    while line := response.readline(_LINE):
        text = line.decode("utf-8", "replace").strip()
        if not text.startswith("data:"):
            continue
        data = text.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        yield _json(data)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ModelError(f"The server sent what is not JSON: {text[:80]!r}. Check openai_url.") from error
    if not isinstance(value, dict):
        raise ModelError(f"The server sent an unknown kind of event: {text[:80]!r}. Check openai_url.")
    if value.get("error"):
        raise ModelError(f"The server failed while answering: {_message(text)}. Look at its log.")
    return value


def _delta(event: dict[str, Any]) -> str:
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    part = (first.get("delta") or first.get("message")) if isinstance(first, dict) else None
    content = part.get("content") if isinstance(part, dict) else None
    if isinstance(content, list):  # parts, of which those of text count
        content = "".join(str(one.get("text") or "") for one in content if isinstance(one, dict))
    return content if isinstance(content, str) else ""


def _message(text: str) -> str:
    """The words of an error reply, on one line."""
    try:
        value = json.loads(text)
    except ValueError:
        return " ".join(text.split())[:200] or "no reason given"
    error = value.get("error", value) if isinstance(value, dict) else value
    words = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(words).split())[:200]
