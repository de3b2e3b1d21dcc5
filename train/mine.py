"""Hard negatives: for each aligned passage those that our own retriever finds for its questions.

python -m train.encoder mine
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

from rag.lexicon import lexicon
from train.data import aqad_aligned

WORK = Path("train/work")
NEIGHBOURS = WORK / "neighbours.json"


def neighbours() -> dict[int, list[int]]:
    """What ``mine`` has found: numbers of passages, in the order in which ``aqad_aligned`` first has them.

    Raises:
        SystemExit: Nothing was mined yet; the message says how.
    """
    if not NEIGHBOURS.exists():
        raise SystemExit(f"{NEIGHBOURS} is missing. Run: python -m train.encoder mine")
    return {int(own): others for own, others in json.loads(NEIGHBOURS.read_text()).items()}


def mine(root: Path, seed: int) -> None:
    """For each aligned passage those that are found for its questions and do not hold the answer."""
    from rag.build import build, contract_of
    from rag.clean import fold
    from rag.config import Config
    from rag.embed import SanadEmbedder
    from rag.evaluation.public import write
    from rag.evaluation.sets import Paragraph
    from rag.index import Index
    from rag.retrieve import retrieve

    chance = random.Random(seed)
    rows = aqad_aligned(root)
    number = {text: i for i, text in enumerate(dict.fromkeys(row["context_en"] for row in rows))}
    config, embedder, words = Config(candidates=20), SanadEmbedder(), lexicon()
    found: dict[int, set[int]] = defaultdict(set)
    for read in ("en", "ar"):
        texts, folder = WORK / f"mine-texts-{read}", WORK / f"mine-{read}"
        texts.mkdir(parents=True, exist_ok=True)
        owner = {row[f"context_{read}"]: number[row["context_en"]] for row in rows}
        keys = write(texts, (Paragraph(str(i), "", text) for text, i in owner.items()), ())
        build([texts], folder, embedder, config)
        with Index.open(folder, contract_of(embedder, config)) as index, index.snapshot() as snapshot:
            for row in rows:
                asked = chance.choice(("en", "ar"))
                hits = retrieve(row[f"question_{asked}"], snapshot, embedder, words, config)
                answer, own = fold(row[f"answer_{read}"]), number[row["context_en"]]
                for hit in hits[:6]:
                    other = int(keys[hit.article.source.rsplit("/", 1)[-1]])
                    if other != own and answer not in fold(hit.passage.text):
                        found[own].add(other)
        print(read, sum(map(len, found.values())), "neighbours", flush=True)
    NEIGHBOURS.write_text(json.dumps({str(own): sorted(others) for own, others in found.items()}))
