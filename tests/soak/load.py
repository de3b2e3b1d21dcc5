"""Many askers at once on the real server, a kill in the middle of its work, and a language model that is slow.

    python tests/soak/load.py [SECONDS] [--askers N] [--seed N]

Starts ``app.py`` over ``seeds`` in a process of its own. (1) The askers ask the reader through the API, in both
languages, while articles are added and deleted: every answer must come, and the memory must stay flat. (2) The
process is killed (SIGKILL) while it adds articles: the index must be whole, and a new process must answer
from it. (3) A model server that says one word every two seconds answers as many askers as there are: ``/health``,
the page and the list of articles must come at once all the while.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from rag.audit import verify  # noqa: E402

QUESTIONS = (
    "Who are the guarantors?", "من هي الدول الضامنة؟", "When will the talks be held?", "متى تعقد المفاوضات؟",
    "How many fighters signed the agreement?", "من أعلن وقف إطلاق النار؟", "Who won the chess championship?",
)  # fmt: skip
WARM = 0.3  # share of the time after which memory must be flat: caches and threads have filled by then
GROWTH = 0.08  # of the memory from then on
AT_ONCE = 2.0  # seconds in which what waits for no model must come, on a busy machine too
PATIENCE = 120.0  # seconds for one answer


@dataclass
class Seen:
    """What the askers and the watcher saw; lists are appended to by several threads, which is safe."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    added: int = 0
    deleted: int = 0


class App:
    """``app.py`` as a process on a free port of 127.0.0.1."""

    def __init__(self, index: Path, chat: Path, settings: Path | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(self.port), "--index", str(index)]
        if settings is not None:
            command += ["--config", str(settings)]
        self._log = (chat.parent / f"{self.port}.log").open("wb")
        self.process = subprocess.Popen(
            command, env={**os.environ, "SANAD_CHAT": str(chat)}, stdout=self._log, stderr=self._log
        )
        deadline = time.monotonic() + 180
        while not self._up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the server did not start:\n{Path(self._log.name).read_text()[-2000:]}")
            time.sleep(0.2)

    def _up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def memory(self) -> int:
        """Resident bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the kernel does not say how much memory the server holds")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        self._log.close()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        self._log.close()


@contextmanager
def served(*given: Any) -> Iterator[App]:
    app = App(*given)
    try:
        yield app
    finally:
        if app.process.poll() is None:
            app.stop()


def ask(client: httpx.Client, url: str, question: str, stream: bool) -> str:
    """One question over the API; what went wrong, or ``""``."""
    body = {"model": "sanad", "messages": [{"role": "user", "content": question}], "stream": stream}
    response = client.post(f"{url}/v1/chat/completions", json=body, timeout=PATIENCE)
    if response.status_code != 200:
        return f"{response.status_code}: {response.text[:200]}"
    if stream:
        whole = response.text.rstrip().endswith("data: [DONE]") and '"error"' not in response.text
        return "" if whole else f"a stream broke off: {response.text[-200:]}"
    return "" if response.json()["choices"][0]["message"]["content"] else "an empty answer"


def asker(url: str, until: float, seen: Seen, chance: random.Random) -> None:
    with httpx.Client() as client:
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                fault = ask(client, url, chance.choice(QUESTIONS), chance.random() < 0.5)
            except httpx.HTTPError as error:
                fault = repr(error)
            seen.seconds.append(time.monotonic() - began)
            if fault:
                seen.errors.append(fault)


def text_of(number: int) -> str:
    return (
        f"The bakery number {number} of Salamiyah sold {number + 100} loaves on Friday, its owner said. "
        "Flour came by truck from Hama.\n\nباع المخبز خبزه كله يوم الجمعة كما قال صاحبه."
    )


def changer(url: str, until: float, seen: Seen) -> None:
    """Adds an article and deletes it again, over and over."""
    number = 0
    with httpx.Client(timeout=PATIENCE) as client:
        while time.monotonic() < until:
            number += 1
            name = f"bakery-{number}.txt"
            try:
                added = client.post(f"{url}/v1/articles", files=[("files", (name, text_of(number).encode()))])
                deleted = client.delete(f"{url}/v1/articles/{name}")
                seen.added += added.status_code == 200
                seen.deleted += deleted.status_code == 200
                if (added.status_code, deleted.status_code) != (200, 200):
                    seen.errors.append(f"{name}: {added.text[:200]} {deleted.text[:200]}")
            except httpx.HTTPError as error:
                seen.errors.append(f"{name}: {error!r}")
            time.sleep(0.5)


def crowd(app: App, seconds: float, askers: int, seed: int) -> Seen:
    """All of them together, for ``seconds``."""
    seen = Seen()
    began = time.monotonic()
    until = began + seconds
    threads = [
        threading.Thread(target=asker, args=(app.url, until, seen, random.Random(seed + number)))
        for number in range(askers)
    ]
    threads.append(threading.Thread(target=changer, args=(app.url, until, seen)))
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen.memory.append((time.monotonic() - began, app.memory()))
        time.sleep(0.5)
    return seen


def growth(memory: list[tuple[float, int]], seconds: float) -> float:
    """By which share the memory grew: the median of the last third after warming up over that of the first."""
    warm = [size for at, size in memory if at >= WARM * seconds]
    third = max(1, len(warm) // 3)
    return statistics.median(warm[-third:]) / statistics.median(warm[:third]) - 1


def load(folder: Path, seconds: float, askers: int, seed: int) -> None:
    """Part one."""
    with served(folder / "index", folder / "chat") as app:
        seen = crowd(app, seconds, askers, seed)
    ordered = sorted(seen.seconds)
    grown = growth(seen.memory, seconds)
    print(
        f"{askers} askers, {seconds:.0f} s: {len(ordered)} answers, {len(seen.errors)} errors; seconds p50 "
        f"{ordered[len(ordered) // 2]:.2f}, p95 {ordered[int(0.95 * len(ordered))]:.2f}, most {ordered[-1]:.2f}; "
        f"{seen.added} articles added, {seen.deleted} deleted; memory {max(s for _, s in seen.memory) >> 20} MB "
        f"at most, {100 * grown:+.1f} % from the first to the last third after warming up",
        flush=True,
    )
    assert not seen.errors, seen.errors[:5]
    assert seen.added and seen.added == seen.deleted
    assert seconds < 30 or grown < GROWTH, f"memory grew by {100 * grown:.1f} %"


def killed(folder: Path, chance: random.Random) -> None:
    """Part two."""
    with served(folder / "index", folder / "chat") as app:
        files = [("files", (f"loaf-{n}.txt", text_of(n).encode())) for n in range(40)]

        def send() -> None:
            with suppress(httpx.HTTPError):  # the kill ends the request
                httpx.post(f"{app.url}/v1/articles", files=files, timeout=PATIENCE)

        sending = threading.Thread(target=send)
        sending.start()
        time.sleep(chance.uniform(0.3, 2.0))
        app.kill()
        sending.join(PATIENCE)
    faults = verify(folder / "index")
    assert faults == [], faults
    with served(folder / "index", folder / "chat") as app, httpx.Client() as client:
        found = client.get(f"{app.url}/v1/articles", timeout=30).json()["total"]
        assert found in (5, 45), found  # all of the upload or nothing of it
        assert ask(client, app.url, QUESTIONS[0], False) == ""
    print(f"killed while 40 articles were added: the index is whole, with {found} articles", flush=True)


class SlowModel(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that needs two seconds a word."""

    def log_message(self, *_: object) -> None:
        return None

    def do_GET(self) -> None:
        self._head("application/json")
        self.wfile.write(json.dumps({"object": "list", "data": [{"id": "slow", "object": "model"}]}).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._head("text/event-stream")
        try:
            for word in ("Russia", " and", " Turkey", " are", " the", " guarantors", " [1]."):
                time.sleep(2)
                choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
                self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
                self.wfile.flush()
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            return  # the asker has left

    def _head(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("connection", "close")
        self.end_headers()


def slow(folder: Path, askers: int) -> None:
    """Part three."""
    model = ThreadingHTTPServer(("127.0.0.1", 0), SlowModel)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    settings = folder / "sanad.toml"
    settings.write_text(
        f'generator = "openai"\nopenai_url = "http://127.0.0.1:{model.server_port}/v1"\nopenai_model = "slow"\n'
    )
    faults: list[str] = []

    def one() -> None:
        with httpx.Client() as client:
            try:
                fault = ask(client, app.url, QUESTIONS[0], True)
            except httpx.HTTPError as error:
                fault = repr(error)
            if fault:
                faults.append(fault)

    waits: dict[str, list[float]] = {"/health": [], "/en/": [], "/v1/articles": []}
    with served(folder / "index", folder / "chat", settings) as app:
        threads = [threading.Thread(target=one) for _ in range(askers)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            for path, found in waits.items():
                began = time.monotonic()
                assert httpx.get(app.url + path, timeout=30).status_code == 200
                found.append(time.monotonic() - began)
            time.sleep(0.5)
    model.shutdown()
    model.server_close()
    told = ", ".join(
        f"{path} {statistics.median(found):.3f} s, most {max(found):.3f} s" for path, found in waits.items()
    )
    print(f"{askers} askers of a model that needs 14 s: {len(faults)} errors; meanwhile {told}", flush=True)
    assert not faults, faults[:5]
    # The retrieval before the model shares the processors with the page; the median shows whether anything waits.
    assert all(statistics.median(found) < AT_ONCE for found in waits.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=120.0)
    parser.add_argument("--askers", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = [sys.executable, "-m", "rag.build", "seeds", "--index", str(folder / "index")]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        load(folder, asked.seconds, asked.askers, asked.seed)
        killed(folder, random.Random(asked.seed))
        slow(folder, asked.askers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
