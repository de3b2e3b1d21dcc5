"""``python -m rag.doctor``: what is installed, whether index and models are sound, what to do about it.

Each check is a function that returns findings and never raises; nothing is changed, and nothing is
fetched (a configured server is asked for its models, no other address).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rag import machine
from rag.config import Config, index_folder, load_config
from rag.errors import RagError
from rag.gguf import read_header
from rag.models import CATALOGUE, chosen, entry, models_folder

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``remedy`` is what to do, ``""`` where nothing is needed."""

    level: Level
    topic: str
    text: str
    remedy: str = ""


# Distribution, module, and what it is for; base packages first.
_BASE = (
    ("numpy", "numpy", "vectors"),
    ("onnxruntime", "onnxruntime", "the shipped models"),
    ("tokenizers", "tokenizers", "the shipped models"),
    ("faiss-cpu", "faiss", "dense search"),
    ("gradio", "gradio", "the chat"),
)
_EXTRAS = (
    ("sentence-transformers", "sentence_transformers", "hub", "other encoders"),
    ("llama-cpp-python", "llama_cpp", "llm", "a local LLM"),
)


def examine(config: Config) -> tuple[Finding, ...]:
    """All findings for this installation under ``config``."""
    checks: tuple[Callable[[Config], Iterator[Finding]], ...] = (
        _installation,
        _weights,
        _index,
        _models,
        _server,
        _machine,
    )
    found: list[Finding] = []
    for check in checks:
        try:
            found += check(config)
        except (RagError, OSError) as error:
            topic = check.__name__.strip("_")
            found.append(
                Finding("problem", topic, str(error), "" if isinstance(error, RagError) else "Mend that.")
            )
    return tuple(found)


def _installation(config: Config) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", "python", f"Python {version}")
    for distribution, module, use in _BASE:
        if importlib.util.find_spec(module) is None:
            yield Finding(
                "problem", "packages", f"{distribution} is missing ({use})", "pip install sanad-rag"
            )
        else:
            yield Finding("ok", "packages", f"{distribution} {_version(distribution)}")
    for distribution, module, extra, use in _EXTRAS:
        if importlib.util.find_spec(module) is None:
            yield Finding(
                "note",
                "packages",
                f"{distribution} is not installed; only needed for {use}",
                f"pip install 'sanad-rag[{extra}]'",
            )
        else:
            yield Finding("ok", "packages", f"{distribution} {_version(distribution)}")
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" in options:
        yield Finding("ok", "packages", f"SQLite {sqlite3.sqlite_version} with FTS5")
    else:
        yield Finding(
            "problem",
            "packages",
            f"SQLite {sqlite3.sqlite_version} lacks FTS5",
            "Use a Python from python.org or conda.",
        )


def _weights(config: Config) -> Iterator[Finding]:
    folder = Path(__file__).parent / "weights"
    needed = ("trunk", "reader", "lexicon") + (("encoder",) if config.embedder == "sanad" else ())
    for name in needed:
        files = [path for path in (folder / name).glob("*") if path.is_file()]
        if files:
            total = sum(path.stat().st_size for path in files)
            yield Finding("ok", "weights", f"{name}: {total / 1e6:.1f} MB")
        else:
            yield Finding(
                "problem",
                "weights",
                f"rag/weights/{name} is empty",
                "Install the package again; a clone needs all its files.",
            )


def _index(config: Config) -> Iterator[Finding]:
    folder = index_folder(config)
    build = "python -m rag.build PATH…"
    if not folder.is_dir() or not any(path.suffix != ".md" for path in folder.iterdir()):
        yield Finding("note", "index", f"No index in {folder}", build)
        return
    if not os.access(folder, os.W_OK):
        yield Finding(
            "note", "index", f"{folder} is read-only", "Fine for asking; adding articles needs write access."
        )
    from rag.index import Index

    index = Index.open(folder)
    try:
        with index.snapshot() as snapshot:
            articles, passages, generation = len(snapshot.articles()), len(snapshot), snapshot.generation
    finally:
        index.close()
    if passages:
        yield Finding("ok", "index", f"articles: {articles}, passages: {passages}, generation {generation}")
    else:
        yield Finding("note", "index", f"The index in {folder} is empty", build)


def _models(config: Config) -> Iterator[Finding]:
    path = Path(config.gguf).expanduser() if config.gguf else chosen()
    if path is None:
        if config.generator == "llama":
            yield Finding(
                "problem", "models", "generator = llama, but no model is named", "python -m rag.models pull"
            )
        else:
            yield Finding("ok", "models", "no LLM chosen; the shipped reader answers")
        return
    header = read_header(path)
    trained = header.number("context_length")
    context = min(config.context, trained or config.context)
    need, free = header.size + header.cache_bytes(context), machine.free_memory()
    text = f"{path.name}: {header.size / 1e9:.1f} GB, window {context} of {trained or 'unknown'} tokens"
    if importlib.util.find_spec("llama_cpp") is None:
        yield Finding(
            "problem", "models", f"{text}; llama-cpp-python is missing", "pip install 'sanad-rag[llm]'"
        )
    elif free is not None and need > free:
        yield Finding(
            "problem",
            "models",
            f"{text}; needs {need / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free",
            f"Lower context, or: python -m rag.models pull {_smaller(free)}",
        )
    else:
        yield Finding("ok", "models", text)


def _server(config: Config) -> Iterator[Finding]:
    if not config.openai_url and config.generator != "openai":
        return
    from dataclasses import replace

    from rag.extras.openai_compatible import server_of

    named = server_of(replace(config, timeout=min(config.timeout, 3.0))).models()
    yield Finding("ok", "server", f"{config.openai_url} offers {', '.join(named[:5]) or 'no model'}")
    if config.openai_model and config.openai_model not in named:
        yield Finding(
            "problem",
            "server",
            f"{config.openai_model} is not among them",
            "Set openai_model to one of these.",
        )


def _machine(config: Config) -> Iterator[Finding]:
    cores, free = machine.cores(), machine.free_memory()
    if config.threads > cores:
        yield Finding(
            "problem",
            "threads",
            f"threads = {config.threads}, but this process may use {cores}: slower, not faster",
            f"Set threads to {cores}, or to 0.",
        )
    else:
        yield Finding("ok", "threads", f"{config.threads or cores} of {cores}")
    if free is not None:
        level: Level = "ok" if free > 600e6 else "problem"
        remedy = "" if level == "ok" else "Close other programs; the chat takes about 600 MB."
        yield Finding(level, "memory", f"{free / 1e9:.1f} GB free", remedy)
    places = {"index": index_folder(config), "models": models_folder()}
    for name, folder in places.items():
        disk = shutil.disk_usage(_existing(folder)).free
        if disk < 200e6:
            yield Finding(
                "problem", "disk", f"{disk / 1e6:.0f} MB free for the {name} in {folder}", "Make room there."
            )
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    if encoding not in ("utf8", ""):
        yield Finding(
            "note", "terminal", f"the output is {encoding}, which has no Arabic", "Set PYTHONUTF8=1."
        )


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if one.exists())


def _smaller(free: int) -> str:
    fitting = [one for one in CATALOGUE if one.kind == "llm" and one.memory <= free]
    return max(fitting, key=lambda one: one.memory, default=entry("qwen3-1.7b")).name


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; exit status 0 when no problem was found, 1 otherwise, 2 for unusable settings."""
    parser = argparse.ArgumentParser(prog="python -m rag.doctor", description="Checks this installation.")
    parser.add_argument("--config", help="settings (TOML)")
    parser.add_argument("--index", help="folder of the index")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args(arguments)
    try:
        config = load_config(options.config, index=options.index)
    except RagError as error:
        return error.reported()
    findings = examine(config)
    problems = sum(finding.level == "problem" for finding in findings)
    if options.json:
        listed = [asdict(finding) for finding in findings]
        print(json.dumps({"problems": problems, "findings": listed}, ensure_ascii=False, indent=1))
        return 1 if problems else 0
    for finding in findings:
        print(f"{finding.level:8}{finding.topic:10}{finding.text}")
        if finding.remedy:
            print(f"{'':18}→ {finding.remedy}")
    print("Nothing to mend." if not problems else f"{problems} to mend.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
