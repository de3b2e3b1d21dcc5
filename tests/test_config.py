"""Settings: where they come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Config, index_folder, load_config
from rag.contract import passage_sizes
from rag.errors import InputError
from tests.fakes import HashEmbedder


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RAG_CONFIG", "RAG_INDEX"):
        monkeypatch.delenv(name, raising=False)


def test_a_flag_goes_before_the_file_and_the_file_before_what_is_built_in(tmp_path: Path) -> None:
    assert load_config() == Config()
    (tmp_path / "sanad.toml").write_text("passages = 8\nthreads = 1\n")
    found = load_config(threads=2, gguf=None)
    assert (found.passages, found.threads) == (8, 2)


def test_a_named_file_goes_before_the_one_that_lies_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sanad.toml").write_text("passages = 8\n")
    (tmp_path / "other.toml").write_text("passages = 9\n")
    monkeypatch.setenv("RAG_CONFIG", str(tmp_path / "other.toml"))
    assert load_config().passages == 9
    with pytest.raises(InputError, match=r"none\.toml"):
        load_config("none.toml")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense = 1", "Unknown setting 'nonsense'"),
        ("passages = 'ten'", "must be int"),
        ("passages = true", "must be int"),
        ("generator = 'magic'", "must be one of"),
        ("passages = 60\ncandidates = 50", "at most candidates"),
        ("chunk_min = 300", "below chunk_max"),
        ("batch = 0", "batch = 0: must be between 1"),
        ("threads = -3", "threads = -3"),
        ("timeout = nan", "timeout = nan"),
        ("timeout = -1", "timeout"),
        ("weight_dense = nan", "weight_dense"),
        ("weight_dense = 0\nweight_words = 0\nweight_lexical = 0\nweight_cross = 0", "four weights"),
        ("port = 99999", "port = 99999"),
        ("max_upload_mb = -1", "max_upload_mb"),
        ("context = 0", "context"),
        ("passages = ", "not TOML"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "sanad.toml").write_text(line + "\n")
    with pytest.raises(InputError, match=says):
        load_config()


def test_the_index_may_be_named_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert index_folder(Config(index="~/news")) == Path("/home/somebody/news")
    monkeypatch.setenv("RAG_INDEX", "~/other")
    assert index_folder(Config()) == Path("/home/somebody/other")


def test_passages_are_no_longer_than_what_the_encoder_reads() -> None:
    class Short(HashEmbedder):
        max_tokens = 128

    assert passage_sizes(HashEmbedder(), Config()) == (120, 220)
    assert passage_sizes(Short(), Config()) == (64, 128)
    assert passage_sizes(Short(), Config(chunk_min=20, chunk_max=100)) == (20, 100)
