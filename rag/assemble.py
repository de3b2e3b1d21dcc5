"""The one place that turns settings into objects. Everything else calls this."""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import Config, index_folder
from rag.errors import ExtraMissing, IndexMissing, InputError

if TYPE_CHECKING:
    from rag.answer import Pipeline
    from rag.build import Tell
    from rag.protocols import Embedder, Generator, VectorServer

SEEDS = Path("seeds")


def assemble(config: Config, *, progress: Tell | None = None) -> Pipeline:
    """The pipeline over the index that ``config`` names.

    Where there is no index and ``./seeds`` holds articles, it is built from them first.

    Raises:
        IndexMissing: There is no index, and no ``./seeds`` to build one from.
        IndexDamaged, ContractMismatch, ModelError: See ``rag.errors``.
    """
    folder = index_folder(config)
    if not (folder / "sanad.db").is_file():
        _build_seeds(config, folder, progress)
    return _over(config, folder)


def assemble_over(paths: Sequence[Path], config: Config, *, progress: Tell | None = None) -> Pipeline:
    """A pipeline over a temporary index of any files; the index goes when the process ends.

    Raises:
        InputError: A path does not exist, or none holds an article.
    """
    from rag.build import build
    from rag.embed import embedder_of

    config = replace(config, vectors="faiss")  # a server's collection is another index's
    folder = Path(tempfile.mkdtemp(prefix="sanad-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    embedder = embedder_of(config.embedder, config.threads)
    report = build(paths, folder, embedder, config, progress=progress)
    if not report.articles:
        verdicts = "; ".join(verdict for _, verdict in list(report.failed)[:3])
        raise InputError(f"No article could be read from {', '.join(map(str, paths))}. {verdicts}".strip())
    return _over(config, folder)


def _build_seeds(config: Config, folder: Path, progress: Tell | None) -> None:
    from rag.build import build
    from rag.embed import embedder_of

    if not SEEDS.is_dir():
        raise IndexMissing(
            f"There is no index in {folder}, and no folder seeds here to build one from. "
            f"Add articles with: python -m rag.build FOLDER --index {folder}"
        )
    embedder = embedder_of(config.embedder, config.threads)
    build([SEEDS], folder, embedder, config, server=server_of(config), progress=progress)


@contextmanager
def encoder(config: Config) -> Iterator[Embedder]:
    """The encoder for a build: on this machine, or on a Ray cluster that is left at the end.

    Raises:
        ExtraMissing, ModelError: Ray is asked for but not installed, or its cluster not there.
    """
    if config.ray is None:
        from rag.embed import embedder_of

        yield embedder_of(config.embedder, config.threads)
        return
    from rag.extras.ray_build import RayEmbedder

    with closing(RayEmbedder(config.embedder, config.ray)) as cluster:
        yield cluster


def server_of(config: Config) -> VectorServer | None:
    """Where the vectors are, if not in a file of the index.

    Raises:
        InputError: Milvus is asked for without its address.
    """
    if config.vectors == "faiss":
        return None
    from rag.extras.milvus import MilvusStore

    if not config.milvus_uri:
        raise InputError(
            'vectors = "milvus" needs its address too: milvus_uri = "http://localhost:19530", '
            'or a file for Milvus Lite: milvus_uri = "milvus.db".'
        )
    return MilvusStore(config.milvus_uri, config.milvus_collection)


def generator_of(config: Config) -> Generator | None:
    """The LLM that ``config`` asks for; None where the reader answers.

    ``auto`` takes a GGUF file if one is named, else a server if one is named, else the model chosen
    with ``python -m rag.models use``, else none.

    Raises:
        InputError: The generator asked for lacks its setting.
        ExtraMissing: llama-cpp-python is needed and not installed.
    """
    from rag.generate import LlamaGenerator, LlamaSettings
    from rag.models import chosen

    if config.generator == "reader":
        return None
    path = Path(config.gguf).expanduser() if config.gguf else None
    if config.generator == "openai" or (config.generator == "auto" and not path and config.openai_url):
        from rag.extras import openai_compatible

        return openai_compatible.server_of(config)
    path = path or chosen()
    if path is None:
        if config.generator == "auto":
            return None
        raise InputError(
            "No model for generator = llama. Name a file with gguf, or run: python -m rag.models pull"
        )
    if importlib.util.find_spec("llama_cpp") is None:
        raise ExtraMissing("llama-cpp-python", "llm")
    return LlamaGenerator(
        path,
        LlamaSettings(
            threads=config.threads,
            context=config.context,
            batch=config.batch,
            answer_tokens=config.answer_tokens,
            template=config.template,
            lookup=config.lookup,
        ),
    )


def _over(config: Config, folder: Path) -> Pipeline:
    from rag.answer import Parts, Pipeline
    from rag.build import contract_of
    from rag.decide import calibrations
    from rag.embed import SanadEmbedder, embedder_of
    from rag.index import Index
    from rag.lexicon import lexicon
    from rag.reader import OnnxReader

    embedder = embedder_of(config.embedder, config.threads)
    words = lexicon()
    reader = OnnxReader(config.threads, words)
    generator = generator_of(config)
    # The models load beside the index: together they are most of a cold start.
    with ThreadPoolExecutor(2) as pool:
        waits: list[Callable[[], object]] = []
        if isinstance(embedder, SanadEmbedder):
            waits.append(pool.submit(embedder.warm).result)
        if generator is None:
            waits.append(pool.submit(reader.warm).result)
        index = Index.open(folder, contract_of(embedder, config), server_of(config))
        for wait in waits:
            wait()
    known = calibrations()
    parts = Parts(config, index, embedder, reader, words, generator, known.__getitem__)
    return Pipeline(parts)
