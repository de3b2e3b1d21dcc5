"""Reports that are copies of each other, found among any number of articles: MinHash by rensa, in bands.

Papers print a wire report under another title, cut at the end, with a word or two of their own. Two
articles belong together when the runs of three words they share are ``ALIKE`` of all their runs, as
their signatures estimate it; so do those that a third one links. What is done with that is for
``rag.retrieve`` to say: articles made from one form ("Prices on 3 May …") belong together as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.clean import fold
from rag.types import Article, PartKind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Signatures = npt.NDArray[np.uint32]

SIZE = 64  # numbers in a signature; its estimate of a share of 0.5 is off by 0.06 as a rule
# A pair that shares 0.55 agrees in one of 16 bands of four numbers in 79 of 100 cases, one that shares 0.8
# in all (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4).
_ROWS = 4
ALIKE = 0.55
_SEED = 20161229
_LEAST = 12  # runs of words that an article needs to be compared


def version() -> str:
    """What stored signatures were made with; others are not comparable."""
    from rensa import RMinHash

    return f"rensa {RMinHash.ALGORITHM_VERSION} {SIZE} {_SEED}"


def runs(text: str) -> list[str]:
    """The runs of three words of a text, folded."""
    words = re.findall(r"[^\W_]+", fold(text))
    return [" ".join(run) for run in zip(words, words[1:], words[2:], strict=False)]


def signature(article: Article) -> bytes:
    """The MinHash of an article's title and body, ``4 * SIZE`` bytes; empty for a very short one."""
    import numpy as np
    from rensa import RMinHash

    shown = [part.span for part in article.parts if part.kind in (PartKind.TITLE, PartKind.BODY)]
    told = runs("\n".join(article.text[start:end] for start, end in shown))
    if len(told) < _LEAST:
        return b""
    made = RMinHash(num_perm=SIZE, seed=_SEED)
    made.update(told)
    return np.array(made.digest(), dtype="<u4").tobytes()


def groups(signatures: Signatures) -> list[int]:
    """For each row the first row that it belongs together with; its own number where there is none.

    Args:
        signatures: Shape ``(articles, SIZE)``.
    """
    import numpy as np

    leader = list(range(len(signatures)))

    def root(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for at in range(0, SIZE, _ROWS):
        for one, two in _alike(np.ascontiguousarray(signatures[:, at : at + _ROWS]), signatures):
            first, second = sorted((root(one), root(two)))
            leader[second] = first
    return [root(row) for row in range(len(leader))]


def _alike(band: Signatures, signatures: Signatures) -> list[tuple[int, int]]:
    """Pairs of rows that agree in a band of four numbers, and enough in the whole signature.

    Of rows with one band each is compared with the one before and with the first.
    """
    import numpy as np

    halves = band.view(np.uint64)
    keys = halves[:, 0] * np.uint64(0x9E3779B97F4A7C15) + halves[:, 1]  # wraps round
    order = np.argsort(keys, kind="stable")
    fresh = np.concatenate([[True], keys[order[1:]] != keys[order[:-1]]])
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    (later,) = np.nonzero(~fresh)
    left, right = order[np.concatenate([first[later], later - 1])], order[np.concatenate([later, later])]
    enough = np.mean(signatures[left] == signatures[right], axis=1) >= ALIKE
    return list(zip(left[enough].tolist(), right[enough].tolist(), strict=True))
