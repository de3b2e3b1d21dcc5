import hashlib
import http.server
import json
import shutil
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from gguf_files import tiny_gguf

from rag import models
from rag.errors import InputError, ModelError
from rag.models import CATALOGUE, chosen, entry, main, pull, remove, use

ONE = entry("qwen3-1.7b")


def fetching(content):
    def fetch(one, folder):
        (folder / one.place).write_bytes(content)

    return fetch


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_catalogue_names_what_a_user_must_know():
    for one in CATALOGUE:
        assert one.licence
        assert one.languages
        assert 0 < one.size < one.memory * 1.5
        assert one.file.endswith(".gguf") == (one.kind == "llm")
    assert entry("qwen3-4b").repository == "unsloth/Qwen3-4B-Instruct-2507-GGUF"
    assert {"multilingual-e5-small", "bge-m3"} <= {one.name for one in CATALOGUE if one.kind == "embedder"}
    default = entry("qwen3-4b")
    assert default.memory < 8e9 < 2 * entry("qwen3-8b").memory < 16e9


def test_a_pulled_model_is_recorded_and_can_be_used_and_removed(folder):
    content = tiny_gguf()
    place = pull(ONE, folder, fetching(content))
    assert place.read_bytes() == content
    record = json.loads((folder / "models.json").read_text())
    assert record["files"][ONE.weights]["sha256"] == hashlib.sha256(content).hexdigest()
    assert chosen(folder) is None
    assert "answers from now on" in use("qwen3-1.7b", folder)
    assert chosen(folder) == place
    assert "reader answers again" in remove("qwen3-1.7b", folder)
    assert chosen(folder) is None
    assert not place.exists()


def test_what_is_here_is_not_fetched_again(folder):
    pull(ONE, folder, fetching(tiny_gguf()))

    def fail(one, folder):
        raise AssertionError("fetched again")

    assert pull(ONE, folder, fail).is_file()


def test_a_file_that_changed_since_the_first_download_is_deleted(folder):
    pull(ONE, folder, fetching(tiny_gguf()))
    remove("qwen3-1.7b", folder)
    with pytest.raises(ModelError, match=r"SHA-256 .* instead of .* deleted"):
        pull(ONE, folder, fetching(tiny_gguf(seed=2)))
    assert not (folder / ONE.place).exists()


def test_a_download_that_is_no_model_is_told(folder):
    with pytest.raises(ModelError, match="is not a GGUF model"):
        pull(ONE, folder, fetching(b"<html>Please log in</html>"))


def test_room_is_checked_before_the_download(folder, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(models.shutil, "disk_usage", lambda _: usage._replace(free=int(0.5e9)))
    with pytest.raises(ModelError, match=r"needs 1.1 GB .* 0.5 GB are free.*RAG_MODELS"):
        pull(ONE, folder, fetching(tiny_gguf()))


def test_an_embedder_is_set_by_hand_as_its_index_must_be_rebuilt(folder):
    one = entry("multilingual-e5-small")

    def fetch(one, folder):
        (folder / one.place).mkdir(parents=True)
        (folder / one.weights).write_bytes(b"weights")

    place = pull(one, folder, fetch)
    assert place.is_dir()
    told = use(one.name, folder)
    assert f'embedder = "{place}"' in told
    assert "--rebuild" in told
    remove(one.name, folder)
    assert not place.exists()


def test_any_gguf_file_may_be_used(folder, tmp_path):
    path = tmp_path / "mine.gguf"
    path.write_bytes(tiny_gguf())
    use(str(path), folder)
    assert chosen(folder) == path
    path.unlink()
    with pytest.raises(ModelError, match=r"is gone.*rag.models use"):
        chosen(folder)


def test_mistakes_are_named(folder):
    with pytest.raises(InputError, match=r"No model 'gpt'.*Known: qwen3-4b"):
        entry("gpt")
    with pytest.raises(InputError, match=r"not here yet.*pull qwen3-4b"):
        use("qwen3-4b", folder)
    with pytest.raises(InputError, match="is not in"):
        remove("qwen3-4b", folder)
    folder.mkdir()
    (folder / "models.json").write_text("{")
    with pytest.raises(ModelError, match="is damaged"):
        chosen(folder)


def test_the_command_line(folder, capsys, tmp_path):
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(one.name in listed and one.licence in listed for one in CATALOGUE)
    assert main(["where"]) == 0
    assert capsys.readouterr().out.strip() == str(folder)
    path = tmp_path / "mine.gguf"
    path.write_bytes(tiny_gguf())
    assert main(["use", str(path)]) == 0
    assert main(["list"]) == 0
    assert f"In use: {path}" in capsys.readouterr().out
    assert main(["use", "nothing"]) == 2
    assert "No model" in capsys.readouterr().err


# The hub's client, for real, against a server on this machine --------------------------------------
@contextmanager
def hub(files, cut=None):
    """Serves ``files`` as the hub does; the first download of ``cut`` breaks off in the middle."""
    state = {"cut": cut, "ranges": []}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.reply(body=False)

        def do_GET(self):
            self.reply(body=True)

        def reply(self, body):
            name = self.path.split("?")[0].rpartition("/")[2]
            if "/resolve/" not in self.path or name not in files:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = files[name]
            start = 0
            if named := self.headers.get("Range"):
                start = int(named.removeprefix("bytes=").partition("-")[0])
                if body and start:
                    state["ranges"].append(start)
            part = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(part)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", "a" * 40)
            self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            if body:
                if state["cut"] == name:
                    state["cut"] = None
                    self.wfile.write(part[: len(part) // 2])
                    self.close_connection = True
                    return
                self.wfile.write(part)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def hub_at(monkeypatch, url):
    import huggingface_hub.constants as constants
    import huggingface_hub.file_download as file_download

    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(
        file_download,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        url + "/{repo_id}/resolve/{revision}/{filename}",
        raising=False,
    )
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 4096)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_a_model_comes_from_the_hub_even_when_the_connection_breaks_once(folder, monkeypatch):
    content = tiny_gguf() + bytes(300_000)
    with hub({ONE.file: content}, cut=ONE.file) as (url, state):
        hub_at(monkeypatch, url)
        try:
            place = pull(ONE, folder)
        except ModelError:  # the client's version decides whether it goes on by itself
            place = pull(ONE, folder)
    assert place.read_bytes() == content
    assert state["ranges"], "it began again instead of going on"


def test_without_a_connection_one_sentence_says_what_to_fetch_and_where_to_put_it(folder, monkeypatch):
    import huggingface_hub.utils._http as client

    hub_at(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setattr(client.time, "sleep", lambda _: None)  # between the client's own tries
    with pytest.raises(ModelError) as caught:
        pull(ONE, folder)
    told = str(caught.value)
    assert ONE.file in told
    assert f"https://huggingface.co/{ONE.repository}" in told
    assert str(folder) in told
    assert "\n" not in told


def test_a_name_that_is_not_known_is_told_at_once(folder, monkeypatch, capfd):
    hub_at(monkeypatch, "http://hub.invalid")
    for proxy in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=socket.gaierror(-2, "not known")))
    with pytest.raises(ModelError, match=r"hub\.invalid is not known here.*fetch .*gguf"):
        pull(ONE, folder)
    assert capfd.readouterr() == ("", "")


def test_the_folder_follows_the_environment(monkeypatch):
    monkeypatch.delenv("RAG_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert models.models_folder() == Path("/data/sanad/models")
