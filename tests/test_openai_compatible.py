import json
import threading
import time
import traceback
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from told import TALKS_EN, hit

from rag.config import Config
from rag.errors import InputError, ModelError
from rag.extras.openai_compatible import OpenAICompatible, Server, server_of
from rag.types import Turn

HITS = [hit(TALKS_EN), hit("It rained in Oslo.", name="b", number=1), hit("It snowed.", name="c", number=2)]


class Script:
    """What the server does, request by request; ``requests`` remembers what came."""

    def __init__(self, *steps):
        self.steps = list(steps)
        self.requests = []
        self.closed_early = threading.Event()


def events(*pieces):
    chunks = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    return [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode() for chunk in chunks]


@contextmanager
def serving(script):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.answer(None)

        def do_POST(self):
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def answer(self, body):
            script.requests.append((self.path, dict(self.headers), body))
            status, headers, parts = script.steps.pop(0) if len(script.steps) > 1 else script.steps[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for part in parts:
                    if isinstance(part, float):
                        time.sleep(part)
                        continue
                    self.wfile.write(part)
                    self.wfile.flush()
            except OSError:
                script.closed_early.set()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


STREAM = {"Content-Type": "text/event-stream"}
DONE = b"data: [DONE]\n\n"


def client(url, *, model="m", sleeps=None, **settings):
    sleep = sleeps.append if sleeps is not None else (lambda _: None)
    return OpenAICompatible(Server(url, model=model, **settings), sleep)


def test_an_answer_is_streamed_piece_by_piece():
    script = Script((200, STREAM, [*events("Seven ", "وثائق", " [1]."), DONE]))
    with serving(script) as url:
        assert list(client(url, key="k").stream("How many?", HITS, "en")) == ["Seven ", "وثائق", " [1]."]
    path, headers, body = script.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer k"
    assert (body["model"], body["stream"], body["temperature"]) == ("m", True, 0)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"].count("<passage ") == 3


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_address_may_end_in_v1_or_not(tail):
    script = Script((200, STREAM, [*events("Yes."), DONE]))
    with serving(script) as url:
        assert list(client(url + tail).stream("?", HITS, "en")) == ["Yes."]
    assert script.requests[0][0] == "/v1/chat/completions"


def test_without_a_key_none_is_sent_and_without_a_model_the_servers_first_is_taken():
    listing = json.dumps({"data": [{"id": "first"}, {"id": "second"}]}).encode()
    script = Script(
        (200, {"Content-Type": "application/json"}, [listing]), (200, STREAM, [*events("Yes."), DONE])
    )
    with serving(script) as url:
        assert list(client(url, model=None).stream("?", HITS, "en")) == ["Yes."]
    assert [path for path, _, _ in script.requests] == ["/v1/models", "/v1/chat/completions"]
    assert all("Authorization" not in headers for _, headers, _ in script.requests)
    assert script.requests[1][2]["model"] == "first"


def test_reasoning_and_stop_strings_are_not_shown():
    pieces = events("<thi", "nk>well", "…</think>\n\nYes", " [1].<|im", "_end|>more")
    with serving(Script((200, STREAM, [*pieces, DONE]))) as url:
        assert "".join(client(url).stream("?", HITS, "en")) == "Yes [1]."


def test_a_busy_server_is_tried_again_and_waits_longer_each_time():
    busy = (503, {}, [b"loading"])
    script = Script(busy, busy, (200, STREAM, [*events("Yes."), DONE]))
    sleeps = []
    with serving(script) as url:
        assert list(client(url, sleeps=sleeps).stream("?", HITS, "en")) == ["Yes."]
    assert len(sleeps) == 2
    assert 0.4 < sleeps[0] < 0.6 < 0.9 < sleeps[1] < 1.2


def test_retry_after_is_kept_to():
    script = Script((429, {"Retry-After": "7"}, [b"{}"]), (200, STREAM, [*events("Yes."), DONE]))
    sleeps = []
    with serving(script) as url:
        assert list(client(url, sleeps=sleeps).stream("?", HITS, "en")) == ["Yes."]
    assert sleeps == [7.0]


def test_it_gives_up_after_four_tries():
    script = Script((503, {}, [b"loading the model"]))
    sleeps = []
    with serving(script) as url, pytest.raises(ModelError, match="503: loading the model"):
        list(client(url, sleeps=sleeps).stream("?", HITS, "en"))
    assert len(script.requests) == 4
    assert len(sleeps) == 3


@pytest.mark.parametrize(
    ("status", "told", "match"),
    [
        (401, {"error": {"message": "bad key"}}, "refuses the key .*bad key.*openai_key_variable"),
        (404, {"error": {"message": "no such model"}}, "knows no model 'm'.*openai_model"),
        (418, {"detail": "teapot"}, "answered 418"),
    ],
)
def test_a_refusal_says_what_to_do_and_is_not_tried_again(status, told, match):
    script = Script((status, {}, [json.dumps(told).encode()]))
    with serving(script) as url, pytest.raises(ModelError, match=match):
        list(client(url).stream("?", HITS, "en"))
    assert len(script.requests) == 1


def test_a_prompt_too_long_for_the_server_loses_whole_passages():
    refusal = json.dumps({"error": {"message": "exceeds the context window of 900 tokens"}}).encode()
    script = Script((400, {}, [refusal]), (200, STREAM, [*events("Yes."), DONE]))
    with serving(script) as url:
        assert list(client(url).stream("?", HITS, "en")) == ["Yes."]
    sent = [body["messages"][1]["content"] for _, _, body in script.requests]
    assert [text.count("<passage ") for text in sent] == [3, 1]
    assert TALKS_EN in sent[1]


def test_what_the_window_cannot_hold_is_left_out_before_sending():
    long = [hit(TALKS_EN * 12, name=str(n), number=n) for n in range(8)]
    script = Script((200, STREAM, [*events("Yes."), DONE]))
    with serving(script) as url:
        list(client(url, context=2048, answer_tokens=256).stream("?", long, "en"))
    text = script.requests[0][2]["messages"][1]["content"]
    assert 1 <= text.count("<passage ") < 8
    assert text.count("</passage>") == text.count("<passage ")
    assert len(text) < (2048 - 256) * 2.5


def test_a_silent_server_is_named_with_the_seconds():
    script = Script((200, STREAM, [*events("Yes"), 3.0]))
    with serving(script) as url:
        answer = client(url, timeout=0.2).stream("?", HITS, "en")
        assert next(answer) == "Yes"
        with pytest.raises(ModelError, match=r"silent for 0.2 s.*timeout"):
            next(answer)


def test_closing_the_answer_closes_the_connection():
    script = Script((200, STREAM, [part for _ in range(200) for part in (*events("word "), 0.02)]))
    with serving(script) as url:
        answer = client(url).stream("?", HITS, "en")
        assert next(answer) == "word "
        answer.close()
        assert script.closed_early.wait(5)


def test_no_server_is_an_error_that_names_the_address():
    sleeps = []
    with pytest.raises(ModelError, match=r"No connection to http://127.0.0.1:9 .*openai_url"):
        list(client("http://127.0.0.1:9", sleeps=sleeps).stream("?", HITS, "en"))
    assert len(sleeps) == 3


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ([b"data: not json\n\n"], "not JSON"),
        ([b"data: [1]\n\n"], "unknown kind"),
        ([b'data: {"error": {"message": "out of memory"}}\n\n'], "out of memory"),
    ],
)
def test_a_broken_stream_is_an_error(parts, match):
    with serving(Script((200, STREAM, parts))) as url, pytest.raises(ModelError, match=match):
        list(client(url).stream("?", HITS, "en"))


def test_a_server_that_does_not_stream_is_understood():
    reply = json.dumps({"choices": [{"message": {"content": "Yes [1]."}}]}).encode()
    with serving(Script((200, {"Content-Type": "application/json"}, [reply]))) as url:
        assert list(client(url).stream("?", HITS, "en")) == ["Yes [1]."]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"choices": [], "error": None}, []),
        ({"choices": [None]}, []),
        (
            {"choices": [{"delta": {"content": [{"type": "text", "text": "Yes."}, {"type": "image"}]}}]},
            ["Yes."],
        ),
        ({"choices": [{"delta": {"content": 5}}]}, []),
    ],
)
def test_odd_events_are_no_words_and_no_failure(event, told):
    line = f"data: {json.dumps(event)}\n\n".encode()
    with serving(Script((200, STREAM, [line, DONE]))) as url:
        assert list(client(url).stream("?", HITS, "en")) == told


@pytest.mark.parametrize("key", ["sk-secret\nx", "sk-сикрет"])
def test_a_key_that_cannot_be_sent_is_not_shown(key):
    with serving(Script((200, STREAM, [DONE]))) as url, pytest.raises(ModelError, match="key") as caught:
        list(client(url, key=key).stream("?", HITS, "en"))
    assert "sk-" not in "".join(traceback.format_exception(caught.value))


def test_a_question_is_rewritten():
    with serving(Script((200, STREAM, [*events("When did ", "Keller speak?"), DONE]))) as url:
        written = client(url).rewrite("When did she?", [Turn("Who is Keller?", "A minister.")], "en")
    assert written == "When did Keller speak?"


@pytest.mark.parametrize(
    "url", ["ftp://host", "http://", "http://host:port", "file:///etc/passwd", "http://[::1"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(InputError, match=r"address|port"):
        client(url)


def test_settings_make_the_client_and_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret\r")
    script = Script((200, STREAM, [*events("Yes."), DONE]))
    with serving(script) as url:
        config = Config(openai_url=url, openai_model="m", openai_key_variable="MY_KEY")
        made = server_of(config)
        assert made.name == "openai"
        assert list(made.stream("?", HITS, "en")) == ["Yes."]
    assert script.requests[0][1]["Authorization"] == "Bearer secret"
    assert "secret" not in repr(made._server)
    with pytest.raises(InputError, match="openai_url"):
        server_of(Config())
