"""Lets the disk fail at every single time that a build has something kept on it.

    python tests/soak/faulty_disk.py

A shim (compiled with ``cc``, preloaded into the child) makes the n-th ``fsync`` or ``fdatasync`` fail with
EIO, for n = 1, 2, … until a build meets no failure. Each time the command must end by one sentence, or
by success where nothing was lost; the index must be the old one or the new one, wholly; and the next
build must bring it to the new one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import shelf  # noqa: E402

from rag.audit import verify  # noqa: E402
from rag.build import build  # noqa: E402

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
static int count;
static int fails(void) {
  const char *at = getenv("FAIL_AT");
  if (at && ++count == atoi(at)) { fputs("FAILED\n", stderr); errno = EIO; return 1; }
  return 0;
}
int fsync(int fd) {
  if (fails()) return -1;
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
int fdatasync(int fd) {
  if (fails()) return -1;
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
"""
CHILD = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
import shelf
from rag.build import build
from rag.errors import RagError
from pathlib import Path
try:
    build([Path({articles!r})], Path({folder!r}), shelf.WordEmbedder(), shelf.CONFIG, remove={remove!r})
except RagError as error:
    print(error)
    sys.exit(1)
"""
MOST = 200


def main() -> int:
    cc = shutil.which("cc") or shutil.which("gcc")
    if cc is None or not sys.platform.startswith("linux"):
        print("left out: needs Linux and a C compiler")
        return 0
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        shim = scratch / "shim.so"
        (scratch / "shim.c").write_text(SHIM)
        subprocess.run([cc, "-shared", "-fPIC", "-o", shim, scratch / "shim.c", "-ldl"], check=True)
        base, articles = scratch / "base", scratch / "articles"
        build([shelf.write(scratch / "old", *range(4))], base, shelf.WordEmbedder(), shelf.CONFIG)
        shelf.write(articles, *range(2, 8), version=1)
        before = shelf.holdings(base)
        expected = scratch / "expected"
        shutil.copytree(base, expected)
        build([articles], expected, shelf.WordEmbedder(), shelf.CONFIG, remove=["0000.txt"])
        after = shelf.holdings(expected)
        for at in range(1, MOST):
            folder = scratch / f"round{at}"
            shutil.copytree(base, folder)
            outcome = once(folder, articles, shim, at, before, after)
            shutil.rmtree(folder)
            if outcome == "unhurt":
                break
            outcomes[outcome] += 1
        else:
            raise AssertionError(f"{MOST} failures and no end")
    told = ", ".join(f"{count} {what}" for what, count in outcomes.items())
    print(f"{sum(outcomes.values())} failures of the disk, a whole index each time: {told}")
    return 0


def once(
    folder: Path, articles: Path, shim: Path, at: int, before: dict[str, str], after: dict[str, str]
) -> str:
    """One build whose ``at``-th flush fails: ``old`` or ``new`` for the index found, ``unhurt`` when none failed.

    Raises:
        AssertionError: The index was not whole, or the command did not end by a sentence.
    """
    code = CHILD.format(
        root=str(ROOT), tests=str(ROOT / "tests"), articles=str(articles), folder=str(folder), remove=["0000.txt"]
    )  # fmt: skip
    environment = {**os.environ, "LD_PRELOAD": str(shim), "FAIL_AT": str(at)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    if "FAILED" not in done.stderr:
        assert done.returncode == 0, done.stderr
        return "unhurt"
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0 or len(done.stdout.strip().splitlines()) == 1, done.stdout
    assert verify(folder) == []
    found = shelf.holdings(folder)
    assert found in (before, after), sorted(found)
    if done.returncode == 0:
        assert found == after
    elif "the index is as it was" in done.stdout:
        assert found == before, done.stdout
    remove = ["0000.txt"] if "0000.txt" in found else []
    build([articles], folder, shelf.WordEmbedder(), shelf.CONFIG, remove=remove)
    assert shelf.holdings(folder) == after
    assert verify(folder) == []
    return "old" if found == before else "new"


if __name__ == "__main__":
    sys.exit(main())
