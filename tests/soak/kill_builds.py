"""Kills builds at random points, and checks that the index is whole each time.

    python tests/soak/kill_builds.py [ROUNDS] [--seed N]

Each round starts a build in a process of its own and kills it (SIGKILL) at a random moment: a first build,
or one that adds, changes and removes articles at once. The index must then be the old one or the new
one, wholly, with nothing for ``--verify`` to say; and the next build must bring it to the new one.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import shelf  # noqa: E402
from test_by_words import FineEmbedder  # noqa: E402

from rag.audit import verify  # noqa: E402
from rag.build import build  # noqa: E402
from rag.errors import IndexMissing  # noqa: E402

OLD, NEW = range(6), (*range(3, 6), *range(10, 16))
GONE = [f"{number:04}.txt" for number in range(3)]


class SlowEmbedder(FineEmbedder):
    """Takes a moment for each batch, as a real one does, so that a kill can fall between two."""

    def embed_with_words(self, texts):
        time.sleep(0.02)
        return super().embed_with_words(texts)


@dataclass(frozen=True)
class Scene:
    """What a round starts from and must lead to.

    Attributes:
        base: Index to begin with; None for a first build.
        articles: Folder that is built from.
        before, after: Holdings of the index before and after.
        seconds: That a build takes when it is left alone.
    """

    base: Path | None
    articles: Path
    before: dict[str, str] | None
    after: dict[str, str]
    seconds: float


def change(folder: Path, articles: Path, first: bool) -> None:
    """The build that is killed; again after a kill, it does what is left to do."""
    listed = shelf.holdings(folder) if not first else {}
    remove = [name for name in GONE if name in listed]
    build([articles], folder, SlowEmbedder(), shelf.CONFIG, remove=remove)


def scenes(scratch: Path) -> tuple[Scene, Scene]:
    """A first build, and one that adds, changes and removes."""
    base, articles = scratch / "base", scratch / "articles"
    build([shelf.write(scratch / "old", *OLD)], base, FineEmbedder(), shelf.CONFIG)
    shelf.write(articles, *NEW, version=1)
    made = []
    for number, start in enumerate((None, base)):
        folder = scratch / f"example{number}"
        if start is not None:
            shutil.copytree(start, folder)
        began, _ = _run(folder, articles, start is None, None)
        seconds = time.monotonic() - began
        before = shelf.holdings(start) if start is not None else None
        made.append(Scene(start, articles, before, shelf.holdings(folder), seconds))
    return made[0], made[1]


def _run(folder: Path, articles: Path, first: bool, after: float | None) -> tuple[float, bool]:
    """Runs the build in a process, killed ``after`` seconds of work; when it began, whether it ended by itself."""
    command = [
        sys.executable,
        __file__,
        "--child",
        str(folder),
        str(articles),
        "first" if first else "change",
    ]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    with child, child.stdin, child.stdout:
        if child.stdout.read(1) != b"r":
            raise RuntimeError("the child did not come up")
        began = time.monotonic()
        try:
            return began, child.wait(after) == 0
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return began, False


def round_(scene: Scene, folder: Path, chance: random.Random) -> str:
    """One kill; what was found after it: ``old``, ``new``, or ``ended`` when the kill came too late.

    Raises:
        AssertionError: The index was not whole.
    """
    if scene.base is not None:
        shutil.copytree(scene.base, folder)
    _, ended = _run(folder, scene.articles, scene.base is None, chance.uniform(0, 1.1 * scene.seconds))
    found: dict[str, str] | None
    try:
        found = shelf.holdings(folder)
        faults = verify(folder)
    except IndexMissing:
        found, faults = None, []
    assert faults == [], faults
    assert found in (scene.before, scene.after), sorted(found or ())
    state = "ended" if ended else "old" if found == scene.before else "new"
    change(folder, scene.articles, found is None)
    assert shelf.holdings(folder) == scene.after
    assert verify(folder) == []
    left = {path.name for path in folder.iterdir() if path.stat().st_size}
    assert left <= {"sanad.db", "sanad.db-shm", "vectors.faiss"}, left
    return state


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        import faiss  # noqa: F401 - so that the time measured is that of the build

        import rag.lexicon
        import rag.read

        rag.lexicon.lexicon()
        sys.stdout.write("r")
        sys.stdout.flush()
        change(Path(asked.child[0]), Path(asked.child[1]), asked.child[2] == "first")
        return 0
    chance = random.Random(asked.seed)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        pair = scenes(Path(name))
        for number in range(asked.rounds):
            folder = Path(name) / f"round{number}"
            outcomes[round_(pair[number % 2], folder, chance)] += 1
            shutil.rmtree(folder)
    print(
        f"{asked.rounds} kills, a whole index each time: "
        + ", ".join(f"{n} {w}" for w, n in outcomes.items())
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
