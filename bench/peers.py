"""The same questions, passages and encoder through other libraries and through Sanad.

Each system indexes every paragraph of a public set as one document and ranks them for every
question, built as its own documentation builds it: once by vectors alone, and once as it mixes
vectors with words, where it documents that. The others run the encoder's master with sentence-transformers,
as their documentation has it, in batches of 32; Sanad runs its own int8 copy of it. With ``--encoder sanad`` all of them
share that copy, so that nothing but the libraries differs. Every run has a process of its own, so that its memory
is its own. Systems that are not installed are named and left out. ``load`` is the machine's own over the
last minute: seconds of rows with another load, or one above the number of cores, do not compare.

    python -m venv .peers && .peers/bin/pip install -e . -r bench/peers.txt
    .peers/bin/python bench/peers.py --squad xquad en-ar --json bench/results/peers-xquad-en-ar.json
    .peers/bin/python bench/peers.py --squad aqad --paragraphs 600 --limit 200 --json bench/results/peers-aqad.json

Not here: reading and answering, which the others leave to an LLM.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rag import metrics
from rag.config import Config
from rag.embed import embedder_of
from rag.evaluation.public import spread
from rag.evaluation.sets import Paragraph, PublicSet, named_squad
from rag.machine import cores

MASTER = Path(__file__).resolve().parents[1] / "train" / "masters" / "encoder"
DEPTH = 10
Search = Callable[[str], Sequence[str]]  # keys of paragraphs, best first
Maker = Callable[[Sequence[Paragraph]], Search]


class SentenceTransformers:
    """The encoder's master in PyTorch, as every other library loads it.

    In half precision, as it is stored, or in single, whichever this processor is quicker at: half is twice as
    quick with AMX and a fourth as quick without.
    """

    def __init__(self, folder: Path, trial: Sequence[str]) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        seconds = {}
        for precision in ("half", "single"):
            self._to(precision)
            self.embed_passages(trial[:2])
            started = time.perf_counter()
            self.embed_passages(trial)
            seconds[precision] = time.perf_counter() - started
        self.precision = min(seconds, key=lambda name: seconds[name])
        self._to(self.precision)  # back to half costs nothing: it is what is stored

    def _to(self, precision: str) -> None:
        self._model.half() if precision == "half" else self._model.float()

    def embed_passages(self, texts: Sequence[str]) -> Any:
        return self._model.encode(list(texts), batch_size=32, show_progress_bar=False)

    embed_questions = embed_passages


_shared: Any = None


def _embedder() -> Any:
    return _shared


# ------------------------------------------------------------------ the systems


def sanad(paragraphs: Sequence[Paragraph]) -> Search:
    """A build into a folder on the disk, as ``rag.build`` makes it, and the search that answers begin with."""
    from rag.build import build, contract_of
    from rag.evaluation.public import write
    from rag.index import Index
    from rag.lexicon import lexicon
    from rag.retrieve import retrieve

    texts = Path(tempfile.mkdtemp(prefix="sanad-peers-"))
    keys, config, encoder = write(texts, paragraphs, ()), Config(), _embedder()
    folder = Path(tempfile.mkdtemp(prefix="sanad-peers-"))
    build([texts], folder, encoder, config)
    index, words = Index.open(folder, contract_of(encoder, config)), lexicon()

    def search(question: str) -> list[str]:
        with index.snapshot() as snapshot:
            hits = retrieve(question, snapshot, encoder, words, config)
        return list(dict.fromkeys(keys[hit.article.source] for hit in hits[: 3 * DEPTH]))

    return search


def langchain(paragraphs: Sequence[Paragraph]) -> Search:
    """``InMemoryVectorStore.from_texts(...).as_retriever()``."""
    from langchain_core.vectorstores import InMemoryVectorStore

    store = InMemoryVectorStore.from_texts(
        [p.text for p in paragraphs], _langchain_embeddings(), metadatas=[{"key": p.key} for p in paragraphs]
    )
    retriever = store.as_retriever(search_kwargs={"k": DEPTH})
    return lambda question: [found.metadata["key"] for found in retriever.invoke(question)]


def langchain_hybrid(paragraphs: Sequence[Paragraph]) -> Search:
    """``EnsembleRetriever`` of ``BM25Retriever`` and the vector store, half each."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.vectorstores import InMemoryVectorStore

    texts, tags = [p.text for p in paragraphs], [{"key": p.key} for p in paragraphs]
    store = InMemoryVectorStore.from_texts(texts, _langchain_embeddings(), metadatas=tags)
    words = BM25Retriever.from_texts(texts, metadatas=tags)
    words.k = DEPTH
    vectors = store.as_retriever(search_kwargs={"k": DEPTH})
    both = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])
    return lambda question: [found.metadata["key"] for found in both.invoke(question)]


def _langchain_embeddings() -> Any:
    from langchain_core.embeddings import Embeddings

    encoder = _embedder()

    class Shared(Embeddings):  # type: ignore[misc,unused-ignore]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [row.tolist() for row in encoder.embed_passages(texts)]

        def embed_query(self, text: str) -> list[float]:
            return list(encoder.embed_questions([text])[0].tolist())

    return Shared()


def llamaindex(paragraphs: Sequence[Paragraph]) -> Search:
    """``VectorStoreIndex(nodes).as_retriever(similarity_top_k=10)``."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.schema import TextNode

    encoder = _embedder()

    class Shared(BaseEmbedding):  # type: ignore[misc,unused-ignore]
        def _get_text_embedding(self, text: str) -> list[float]:
            return list(encoder.embed_passages([text])[0].tolist())

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return [row.tolist() for row in encoder.embed_passages(texts)]

        def _get_query_embedding(self, query: str) -> list[float]:
            return list(encoder.embed_questions([query])[0].tolist())

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    nodes = [TextNode(text=p.text, id_=p.key) for p in paragraphs]
    retriever = VectorStoreIndex(nodes, embed_model=Shared()).as_retriever(similarity_top_k=DEPTH)
    return lambda question: [found.node.node_id for found in retriever.retrieve(question)]


def haystack(paragraphs: Sequence[Paragraph]) -> Search:
    """``InMemoryDocumentStore`` with ``InMemoryEmbeddingRetriever``."""
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever

    encoder = _embedder()
    vectors = InMemoryEmbeddingRetriever(_haystack_store(paragraphs, encoder), top_k=DEPTH)

    def search(question: str) -> list[str]:
        embedded = encoder.embed_questions([question])[0].tolist()
        return [found.meta["key"] for found in vectors.run(query_embedding=embedded)["documents"]]

    return search


def haystack_hybrid(paragraphs: Sequence[Paragraph]) -> Search:
    """Embedding and BM25 retrievers of one store, joined by ``DocumentJoiner`` with reciprocal ranks."""
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

    encoder = _embedder()
    store = _haystack_store(paragraphs, encoder)
    vectors, words = InMemoryEmbeddingRetriever(store, top_k=DEPTH), InMemoryBM25Retriever(store, top_k=DEPTH)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH)

    def search(question: str) -> list[str]:
        embedded = encoder.embed_questions([question])[0].tolist()
        legs = [vectors.run(query_embedding=embedded)["documents"], words.run(query=question)["documents"]]
        return [found.meta["key"] for found in joiner.run(documents=legs)["documents"]]

    return search


def _haystack_store(paragraphs: Sequence[Paragraph], encoder: Any) -> Any:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    rows = encoder.embed_passages([p.text for p in paragraphs])
    documents = [
        Document(content=p.text, meta={"key": p.key}, embedding=row.tolist())
        for p, row in zip(paragraphs, rows, strict=True)
    ]
    store.write_documents(documents)
    return store


def txtai(paragraphs: Sequence[Paragraph]) -> Search:
    """``Embeddings(method="external", transform=...)``."""
    return _txtai(paragraphs, hybrid=False)


def txtai_hybrid(paragraphs: Sequence[Paragraph]) -> Search:
    """The same with ``hybrid=True``."""
    return _txtai(paragraphs, hybrid=True)


def _txtai(paragraphs: Sequence[Paragraph], hybrid: bool) -> Search:
    from txtai import Embeddings

    encoder = _embedder()

    def vectors(texts: Sequence[str]) -> Any:  # a plain function: txtai would call anything else to make one
        return encoder.embed_passages(list(texts))

    index = Embeddings(method="external", transform=vectors, content=False, hybrid=hybrid)
    index.index([(p.key, p.text, None) for p in paragraphs])
    return lambda question: [key for key, _ in index.search(question, DEPTH)]


SYSTEMS: dict[str, tuple[Maker, str | None]] = {
    "sanad": (sanad, None),
    "langchain": (langchain, "langchain-core"),
    "langchain hybrid": (langchain_hybrid, "langchain-classic"),
    "llamaindex": (llamaindex, "llama-index-core"),
    "haystack": (haystack, "haystack-ai"),
    "haystack hybrid": (haystack_hybrid, "haystack-ai"),
    "txtai": (txtai, "txtai"),
    "txtai hybrid": (txtai_hybrid, "txtai"),
}

# ------------------------------------------------------------------ measuring


def measure(name: str, chosen: PublicSet, limit: int | None, encoder: str) -> dict[str, Any]:
    """Retrieval quality, speed and memory of one system, in this process."""
    global _shared
    make, package = SYSTEMS[name]
    if name == "sanad" or encoder == "sanad":
        encoder, _shared = "sanad", embedder_of(Config().embedder, Config().threads)
    else:
        _shared = SentenceTransformers(MASTER, [paragraph.text for paragraph in chosen.paragraphs[:32]])
        encoder += f" ({_shared.precision} precision)"
    _shared.embed_passages(["warm"])  # the encoder's loading is nobody's indexing
    started = time.perf_counter()
    search = make(chosen.paragraphs)
    built = time.perf_counter() - started
    asked = spread([asking for asking in chosen.askings if asking.gold], limit)
    search(asked[0].question)
    ranks, times = [], []
    for asking in asked:
        started = time.perf_counter()
        found = search(asking.question)
        times.append(time.perf_counter() - started)
        ranks.append(metrics.ranks_of(list(asking.gold), list(found)[:DEPTH]))
    return {
        "system": name,
        "encoder": encoder,
        "version": importlib.metadata.version(package) if package else "this tree",
        "questions": len(asked),
        "paragraphs": len(chosen.paragraphs),
        "recall@1": metrics.mean([metrics.recall_at(1, rank) for rank in ranks]),
        "recall@10": metrics.mean([metrics.recall_at(10, rank) for rank in ranks]),
        "mrr@10": metrics.mean([metrics.reciprocal_rank(rank) for rank in ranks]),
        "ndcg@10": metrics.mean([metrics.ndcg_at(10, rank) for rank in ranks]),
        "articles/s": len(chosen.paragraphs) / built,
        "p50 ms": metrics.percentile(times, 0.5) * 1000,
        "p95 ms": metrics.percentile(times, 0.95) * 1000,
        "load": os.getloadavg()[0],
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def first(chosen: PublicSet, count: int | None) -> PublicSet:
    """The set's first paragraphs with the questions about them."""
    kept = chosen.paragraphs[:count]
    keys = {paragraph.key for paragraph in kept}
    return replace(chosen, paragraphs=kept, askings=tuple(a for a in chosen.askings if keys >= set(a.gold)))


def _apart(name: str, argv: Sequence[str]) -> dict[str, Any]:
    """``measure`` in a process of its own; the reason where it fails."""
    done = subprocess.run(
        [sys.executable, __file__, *argv, "--only", name],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    try:
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))
    except (ValueError, IndexError):
        return {"system": name, "left out": (done.stderr.strip().splitlines() or ["it said nothing"])[-1]}


COLUMNS = ("recall@1", "recall@10", "mrr@10", "ndcg@10", "articles/s", "p50 ms", "p95 ms", "load", "peak MB")


def table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [f"{'':18}{'version':>12}" + "".join(f"{column:>12}" for column in COLUMNS)]
    for row in rows:
        if "left out" in row:
            lines.append(f"{row['system']:18}left out: {row['left out']}")
            continue
        cells = [row[column] * (100 if "@" in column else 1) for column in COLUMNS]
        lines.append(f"{row['system']:18}{row['version']:>12}" + "".join(f"{cell:>12.1f}" for cell in cells))
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument(
        "--squad", nargs="+", required=True, help="a SQuAD-format file, or a name: xquad-ar, …"
    )
    parser.add_argument("--questions", help="a parallel file whose questions are asked instead")
    parser.add_argument("--data", help="where the named sets lie (default: SANAD_DATA)")
    parser.add_argument("--limit", type=int, help="questions asked at most, spread over the set")
    parser.add_argument(
        "--paragraphs", type=int, help="paragraphs indexed at most, with the questions on them"
    )
    parser.add_argument("--encoder", choices=("sentence-transformers", "sanad"), default="sentence-transformers",
                        help="what the other libraries encode with")  # fmt: skip
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=SYSTEMS, help="measure one system in this process, as JSON")
    options = parser.parse_args()
    chosen = first(named_squad(options.squad, options.questions, options.data), options.paragraphs)
    if options.only:
        print(json.dumps(measure(options.only, chosen, options.limit, options.encoder)))
        return 0
    rows = []
    for name in SYSTEMS:
        print(f"{name} …", file=sys.stderr)
        rows.append(_apart(name, sys.argv[1:]))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(
            json.dumps({"set": chosen.name, "cores": cores(), "rows": rows}, indent=1) + "\n",
            encoding="utf-8",
        )
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
