"""Who asks: a random secret in a cookie that no script can read, given with the first page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from rag.chat.conversations import asker_of
from rag.errors import InputError

COOKIE = "sanad_asker"
_SECRET = re.compile(r"[0-9a-f]{48}")
_YEAR = 31_536_000  # seconds

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


def asker(cookies: Mapping[str, str]) -> str:
    """What conversations are kept under.

    Raises:
        InputError: The browser sent no cookie of ours.
    """
    secret = cookies.get(COOKIE, "")
    if not _SECRET.fullmatch(secret):
        raise InputError(
            "This browser keeps no cookie of this page. Allow cookies for it, and load it again."
        )
    return asker_of(secret)


class Askers:
    """An ASGI application around another: gives a page's asker a cookie where there is none."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _known(scope["headers"]):
            await self._app(scope, receive, send)
            return

        async def given(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message["headers"]):
                cookie = (
                    f"{COOKIE}={secrets.token_hex(24)}; Path=/; HttpOnly; SameSite=Strict; Max-Age={_YEAR}"
                )
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        await self._app(scope, receive, given)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _known(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                continue
            if found is not None and _SECRET.fullmatch(found.value):
                return True
    return False
