import json
import sqlite3

import pytest
from gguf_files import tiny_gguf
from test_openai_compatible import Script, serving

from rag import doctor, machine
from rag.config import Config
from rag.doctor import examine, main


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("RAG_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return Config(index=str(tmp_path / "index"))


def found(config, topic):
    return [finding for finding in examine(config) if finding.topic == topic]


def test_this_installation_has_python_and_its_packages(config):
    assert found(config, "python")[0].level == "ok"
    told = " ".join(finding.text for finding in found(config, "packages"))
    assert "onnxruntime" in told
    assert f"SQLite {sqlite3.sqlite_version} with FTS5" in told


def test_a_missing_package_is_a_problem_in_the_base_and_a_note_in_an_extra(config, monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    levels = {finding.text.split()[0]: finding for finding in found(config, "packages")}
    assert levels["faiss-cpu"].level == "problem"
    assert levels["llama-cpp-python"].level == "note"
    assert "sanad-rag[llm]" in levels["llama-cpp-python"].remedy


def test_no_index_is_a_note_with_the_command(config):
    (finding,) = found(config, "index")
    assert finding.level == "note"
    assert "rag.build" in finding.remedy


def test_a_sound_index_is_counted(config, tmp_path):
    from fakes import HashEmbedder

    from rag.build import build

    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("Norway and Chad signed seven documents in Geneva.")
    build([tmp_path / "articles"], tmp_path / "index", HashEmbedder(), config)
    (finding,) = found(config, "index")
    assert (finding.level, finding.text) == ("ok", "articles: 1, passages: 1, generation 1")


def test_a_damaged_index_is_a_problem(config, tmp_path):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "articles.db").write_bytes(b"no database" * 99)
    assert "problem" in {finding.level for finding in found(config, "index")}


def test_missing_weights_are_a_problem(config, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "doctor.py"))
    findings = found(config, "weights")
    assert {finding.level for finding in findings} == {"problem"}
    assert len(findings) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [(tiny_gguf()[:-200], "is cut off"), (b"PK", "is not a GGUF model"), (None, "Cannot read the model")],
)
def test_a_broken_model_is_a_problem_with_the_remedy(config, tmp_path, content, told):
    path = tmp_path / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    findings = found(Config(index=config.index, gguf=str(path)), "models")
    assert findings[0].level == "problem"
    assert told in findings[0].text


def test_a_model_too_large_for_the_memory_is_a_problem(config, tmp_path, monkeypatch):
    path = tmp_path / "m.gguf"
    path.write_bytes(tiny_gguf())
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(machine, "free_memory", lambda: 1000)
    (finding,) = found(Config(index=config.index, gguf=str(path)), "models")
    assert finding.level == "problem"
    assert "pull qwen3-1.7b" in finding.remedy


def test_more_threads_than_cores_are_a_problem(config):
    (finding,) = found(Config(threads=4096), "threads")
    assert finding.level == "problem"
    assert str(machine.cores()) in finding.remedy


def test_a_server_is_asked_for_its_models():
    listing = json.dumps({"data": [{"id": "first"}]}).encode()
    script = Script((200, {"Content-Type": "application/json"}, [listing]))
    with serving(script) as url:
        findings = found(Config(openai_url=url, openai_model="other"), "server")
    assert [finding.level for finding in findings] == ["ok", "problem"]
    assert "first" in findings[0].text


def test_a_server_that_is_down_is_a_problem(monkeypatch):
    monkeypatch.setattr("rag.extras.openai_compatible._pause", lambda *_: 0.0)
    (finding,) = found(Config(openai_url="http://127.0.0.1:9"), "server")
    assert finding.level == "problem"
    assert "127.0.0.1:9" in finding.text


def test_the_command_line(config, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "examine", lambda _: (doctor.Finding("ok", "python", "fine"),))
    assert main([]) == 0
    assert "Nothing to mend." in capsys.readouterr().out
    monkeypatch.setattr(
        doctor, "examine", lambda _: (doctor.Finding("problem", "index", "gone", "Build it."),)
    )
    assert main([]) == 1
    assert "Build it." in capsys.readouterr().out
    assert main(["--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"] == 1
    (tmp_path / "sanad.toml").write_text("nonsense = 1")
    assert main([]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_examining_changes_nothing(config, tmp_path):
    examine(config)
    assert list(tmp_path.iterdir()) == []
