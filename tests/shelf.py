"""Small collections of articles on disk, and an encoder of hashed words to index them with."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np

from rag import vectorfile
from rag.config import Config
from rag.index import Index
from rag.lexical import terms
from rag.snapshot import Snapshot

CONFIG = Config(chunk_min=16, chunk_max=40)

_EN = (
    "The delegates of region {n} met in hall {n} and spoke about {mark} until the evening.",
    "A report on {mark} was read aloud before {w} voted, and nobody from {w} left early.",
    "Prices of {w} rose again last week, merchants of {w} said on the market square.",
    "The minister promised {w} a new bridge, and engineers began to measure the {w} river.",
)
_AR = (
    "اجتمع مندوبو المنطقة {n} في القاعة {n} وتحدثوا عن {mark} حتى المساء.",
    "تلا المتحدث تقريرا عن {mark} قبل أن يصوت {w} ولم يغادر أحد من {w} مبكرا.",
    "ارتفعت أسعار {w} مرة أخرى في الأسبوع الماضي كما قال تجار {w} في السوق.",
    "وعد الوزير {w} بجسر جديد وبدأ المهندسون قياس نهر {w} منذ أمس.",
)


def mark(number: int, version: int | None = None) -> str:
    """A word that only article ``number`` holds; with ``version``, only that version of it."""
    digest = hashlib.blake2b(repr((number, version)).encode(), digest_size=9).digest()
    return "q" + "".join(chr(ord("a") + byte % 26) for byte in digest)


def text(number: int, version: int = 0) -> str:
    """Article ``number``: odd ones English, even ones Arabic; another text for each ``version``."""
    lines = _EN if number % 2 else _AR
    words = {"n": number, "w": mark(number, version), "mark": mark(number)}
    return "\n\n".join(line.format(**words) for line in lines)


def said(number: int) -> str:
    """What only article ``number`` says."""
    return text(number).split("\n\n")[0]


def write(folder: Path, *numbers: int, version: int = 0) -> Path:
    """Writes articles ``000N.txt`` into ``folder`` and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number:04}.txt").write_text(text(number, version), encoding="utf-8")
    return folder


class WordEmbedder:
    """Sums a hashed direction per word; the same text always gives the same vector."""

    def __init__(self, name: str = "words@1", dimension: int = 64) -> None:
        self.id = name
        self.dimension = dimension
        self.max_tokens = 128
        self.tolerance = 0.0
        self.calls: list[int] = []

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+", text)) + 2

    def embed_questions(self, texts):
        out = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            out[row, 0] = 1e-3
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                generator = np.random.default_rng(int.from_bytes(digest, "little"))
                out[row] += generator.standard_normal(self.dimension)
        return out / np.linalg.norm(out, axis=1, keepdims=True)

    def embed_passages(self, texts):
        self.calls.append(len(texts))
        return self.embed_questions(texts)


def dense_sources(snapshot: Snapshot, embedder: WordEmbedder, question: str, k: int = 3) -> list[str]:
    """Sources of the passages that the dense leg finds, best first, each once."""
    (hits,) = snapshot.dense(embedder.embed_questions([question]), k)
    return sources_of(snapshot, [id_ for id_, _ in hits])


def lexical_sources(snapshot: Snapshot, question: str) -> list[str]:
    """The same for the lexical leg."""
    return sources_of(snapshot, [id_ for id_, _ in snapshot.lexical(terms(question), 50)])


def sources_of(snapshot: Snapshot, ids: list[int]) -> list[str]:
    """Sources of passages, each once, in order."""
    articles = [snapshot.article(passage.article_id) for passage in snapshot.passages(ids)]
    return list(dict.fromkeys(article.source for article in articles))


def holdings(folder: Path) -> dict[str, str]:
    """Texts by source, after every article was found by its own word in the lexical leg."""
    with Index.open(folder) as index, index.snapshot() as snapshot:
        articles = {article.source: article.text for article in snapshot.articles()}
        for source in articles:
            assert lexical_sources(snapshot, mark(int(source[:4]))) == [source]
        return articles


def age(path: Path, kind: str) -> None:
    """Makes a whole vector file say that it is of a kind which only older versions of Sanad made."""
    whole, mark_at = path.read_bytes(), -len(vectorfile._MAGIC)
    end = len(whole) + mark_at - 8
    start = end - int.from_bytes(whole[end:mark_at], "little")
    values = json.loads(whole[start:end])
    values["setting"] |= {"kind": kind, "effort": 64}
    footer = json.dumps(values).encode()
    path.write_bytes(whole[:start] + footer + len(footer).to_bytes(8, "little") + whole[mark_at:])
