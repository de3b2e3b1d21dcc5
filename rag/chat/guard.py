"""What stands before every request: password, host, size, closed routes, and headers of every response.

Gradio serves routes that this chat does not need: fetching an address for a browser, passing requests
on, and showing who asked what. They are closed here, whatever Gradio's settings say.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_CLOSED = re.compile(
    r"(^|/)(proxy=|monitoring(/|$))|(^|/)file(=|/)\s*([a-z][a-z0-9+.-]*:|[/\\]{2})|(^|/)(deep_link|dev)(/|$)",
    re.I,
)
# All that the pages need of Gradio; everything else under them is closed.
_PAGES = re.compile(r"^/(en|ar)/(?P<rest>.*)$", re.S)
_NEEDED = re.compile(
    r"(assets/.*|static/.*|svelte/.*|config|theme\.css|"
    r"gradio_api/(queue/(join|data)|heartbeat/[a-z0-9]+|startup-events|cancel|reset|app_id))?/?"
)
_CALLS = re.compile(r"/(queue/join|call|run|api)(/|$)")
_ADDRESS = re.compile(r"^\s*([a-z][a-z0-9+.-]+:)?//", re.I)
LOCAL = ("127.0.0.1", "localhost", "::1")
CALL_BYTES = 2_000_000  # a call of the page carries a question, never a file
MAX_DEPTH = 40  # of the JSON of a call
OPEN_PATHS = ("/health",)  # answered without a password


@dataclass(frozen=True, slots=True)
class Rules:
    """Attributes:
    hosts: Accepted names of this server; empty accepts any, which needs a password.
    password: Asked of every request but ``OPEN_PATHS``; None asks none.
    max_bytes: Of one request.
    key: Opens the server like the password, for programs (``Authorization: Bearer``).
    """

    hosts: tuple[str, ...]
    password: str | None
    max_bytes: int
    key: str | None = None


class Guard:
    """An ASGI application around another, enforcing ``Rules``."""

    def __init__(self, app: App, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # the chat needs no web sockets
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        refused = refusal(scope["method"], scope["path"], headers, self._rules)
        if refused is None and _CALLS.search(scope["path"]) and scope["method"] == "POST":
            body = await _whole(receive, CALL_BYTES)
            if body is None:
                refused = (413, "The call is too large.")
            elif names_address(body):
                refused = (403, "This server fetches no addresses.")
            else:
                receive = _replayed(body, receive)
        if refused is not None:
            await _refuse(refused, send)
            return
        await self._app(scope, _limited(receive, self._rules.max_bytes), Dressed(send))


def refusal(method: str, path: str, headers: dict[str, str], rules: Rules) -> tuple[int, str] | None:
    """Status and sentence by which a request is refused, judged by all but its body; None lets it pass."""
    host = headers.get("host", "")
    if rules.hosts and _name(host) not in rules.hosts:
        return 403, f"This server does not answer for the name {_name(host)!r}."
    origin = headers.get("origin")
    if origin and method not in ("GET", "HEAD") and urlsplit(origin).netloc.lower() != host.lower():
        return 403, "Requests from other sites are refused."
    page = _PAGES.match(path)
    if (
        _CLOSED.search(path)
        or _CLOSED.search(unquote(path))
        or (page and not _NEEDED.fullmatch(page["rest"]))
    ):
        return 403, "This route is closed."
    secret = [word for word in (rules.password, rules.key) if word]
    told = headers.get("authorization", "")
    if secret and path not in OPEN_PATHS and not any(allowed(told, word) for word in secret):
        return 401, "This server asks for its password."
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > rules.max_bytes:
        return 413, f"The request is larger than {rules.max_bytes // 1_000_000} MB."
    return None


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    return (urlsplit(f"//{host}").hostname or "") if host.count("]") <= 1 else ""


def allowed(authorization: str, password: str) -> bool:
    """Whether an Authorization header, Bearer or Basic with any name, holds the password."""
    scheme, _, rest = authorization.partition(" ")
    told = rest.strip()
    if scheme.lower() == "basic":
        try:
            told = base64.b64decode(told, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(told.encode(), password.encode())


def names_address(body: bytes) -> bool:
    """Whether the JSON of a call names a file by an address, which Gradio would fetch. True if unreadable."""
    try:
        left: list[tuple[Any, int]] = [(json.loads(body or b"null"), 0)]
    except (ValueError, RecursionError):
        return True
    while left:
        value, depth = left.pop()
        if depth > MAX_DEPTH:
            return True
        if isinstance(value, dict):
            if any(isinstance(value.get(k), str) and _ADDRESS.match(value[k]) for k in ("path", "url")):
                return True
            left += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list):
            left += [(item, depth + 1) for item in value]
    return False


async def _whole(receive: Receive, limit: int) -> bytes | None:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _limited(receive: Receive, limit: int) -> Receive:
    """Ends the connection of a request that sends more than ``limit`` bytes without having said so."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= limit else {"type": "http.disconnect"}

    return counted


async def _refuse(refused: tuple[int, str], send: Send) -> None:
    status, sentence = refused
    body = json.dumps({"error": {"message": sentence, "type": "refused", "code": status}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="Sanad", charset="UTF-8"'))
    dressed = Dressed(send)
    await dressed({"type": "http.response.start", "status": status, "headers": headers})
    await dressed({"type": "http.response.body", "body": body})


class Dressed:
    """Adds the security headers; gives the scripts of an HTML page the nonce that its policy names."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._page: list[bytes] = []
        self._nonce = secrets.token_urlsafe(16)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(k.lower(), v) for k, v in message["headers"]]
            is_page = any(k == b"content-type" and v.startswith(b"text/html") for k, v in headers)
            message = {**message, "headers": headers + security_headers(self._nonce)}
            if is_page:
                self._start = message
            else:
                await self._send(message)
        elif self._start is not None and message["type"] == "http.response.body":
            self._page.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        page = with_nonce(b"".join(self._page), self._nonce)
        kept = [(k, v) for k, v in start["headers"] if k != b"content-length"]
        await self._send({**start, "headers": [*kept, (b"content-length", str(len(page)).encode())]})
        await self._send({"type": "http.response.body", "body": page})


def with_nonce(page: bytes, nonce: str) -> bytes:
    """``page`` with the nonce on its script tags, and the page's own script added."""
    page = re.sub(rb'<link rel="manifest"[^>]*>', b"", page)
    marked = re.sub(rb"<script(?=[\s>])", f'<script nonce="{nonce}"'.encode(), page)
    return marked.replace(
        b"</head>",
        b'<link rel="stylesheet" href="/ui/sanad.css"><script src="/ui/sanad.js" defer></script></head>',
        1,
    )


def security_headers(nonce: str) -> list[tuple[bytes, bytes]]:
    """Everything from this server alone. ``unsafe-eval`` is Gradio's: its own handlers are compiled."""
    policy = "; ".join(
        (
            "default-src 'self'", f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "font-src 'self' data:",
            "media-src 'self' blob:", "connect-src 'self'", "worker-src 'self' blob:", "object-src 'none'",
            "base-uri 'self'", "form-action 'self'", "frame-src 'none'", "frame-ancestors 'none'",
        )
    )  # fmt: skip
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-frame-options", b"DENY"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]
