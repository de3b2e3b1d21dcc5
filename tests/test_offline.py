"""Building, asking and the chat, each in a process of its own that may reach this machine alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.shelf import write

ROOT = Path(__file__).parent.parent
LOCKED = """
import os, sys
def watch(event, details):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = details[1] if len(details) > 1 else None
        out = isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        name = details[0].decode() if isinstance(details[0], bytes) else details[0]
        out = name not in (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0")
    elif event == "urllib.Request":
        out = "//127.0.0.1" not in details[0]
    else:
        return
    if out:
        with open(os.environ["REACHED_OUT"], "a") as file:
            print(event, details, file=file)
        raise PermissionError(f"the network is closed: {event} {details}")
sys.addaudithook(watch)
"""


@pytest.fixture
def closed(tmp_path: Path) -> dict[str, str]:
    """An environment in which whatever reaches out is written down in a file."""
    return {
        **os.environ,
        "REACHED_OUT": str(tmp_path / "reached-out"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHONUNBUFFERED": "1",
    }


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOCKED + code], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


def test_the_lock_holds(closed: dict[str, str]) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    assert "the network is closed" in run(code, closed).stderr
    assert Path(closed["REACHED_OUT"]).read_text()


def test_building_and_asking_reach_nobody(tmp_path: Path, closed: dict[str, str]) -> None:
    folder, index = write(tmp_path / "articles", 1, 2), tmp_path / "index"
    built = run(
        f"from rag.buildcli import main; sys.exit(main([{str(folder)!r}, '--index', {str(index)!r}]))", closed
    )
    assert built.returncode == 0, built.stderr
    asked = run(
        f"from rag.ask import main; sys.exit(main(['who met in hall 1?', '--index', {str(index)!r}]))", closed
    )
    assert asked.returncode in (0, 3), asked.stderr
    assert "0001.txt" in asked.stdout
    assert not Path(closed["REACHED_OUT"]).exists()


def test_the_chat_and_its_api_reach_nobody(seeds_index: Path, closed: dict[str, str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from rag.chat.server import main; sys.exit(main(['--port', '{port}', '--index', {str(seeds_index)!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", LOCKED + code], cwd=ROOT, env=closed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 180
            while not _up(url):
                assert server.poll() is None, server.stdout.read() if server.stdout else ""
                assert time.monotonic() < deadline, "the chat did not start"
                time.sleep(0.3)
            body = {"messages": [{"role": "user", "content": "متى تجرى مفاوضات أستانا؟"}]}
            answer = httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60).json()
            assert answer["sanad"]["citations"]
            assert "Sanad" in httpx.get(f"{url}/en/", timeout=60).text
        finally:
            server.terminate()
            server.wait(30)
    assert not Path(closed["REACHED_OUT"]).exists(), Path(closed["REACHED_OUT"]).read_text()


def _up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
