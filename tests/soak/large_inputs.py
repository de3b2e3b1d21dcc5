"""Inputs of sizes and shapes that no test can afford: each is read or refused by name, and in bounds.

    python tests/soak/large_inputs.py

A folder of 10,000 files with loops of links in it; lines of 200 MB in every text format; an archive of
100,001 entries, one that unpacks to 2 GB, one with paths that lead out of it. Prints seconds and the
peak memory of each, in a process of its own.
"""

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import shelf  # noqa: E402

from rag.audit import verify  # noqa: E402
from rag.build import build  # noqa: E402
from rag.read import read_paths  # noqa: E402

FILES = 10_000
LINE = 199_000_000  # bytes; a file may have 200 MB
MOST_MEMORY = 3_000  # MB


def many_files(scratch: Path) -> str:
    """All are indexed once, though links lead round in circles; a second build reads and skips them."""
    folder = scratch / "many"
    for number in range(FILES):
        path = folder / f"{number % 100:02}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"Delegate {number} met {shelf.mark(number)} in hall {number % 7} and spoke until noon."
        )
    for number in range(20):
        (folder / f"{number:02}" / "up").symlink_to(folder, target_is_directory=True)
        (folder / f"{number:02}" / "self.txt").symlink_to("self.txt")
    index = scratch / "index"
    report = build([folder], index, shelf.WordEmbedder(), shelf.CONFIG)
    assert len(report.added) == FILES, len(report.added)
    assert len(report.failed) == 20, report.failed[:3]
    assert verify(index) == []
    again = build([folder], index, shelf.WordEmbedder(), shelf.CONFIG)
    assert len(again.unchanged) == FILES
    return f"{FILES:,} files in {report.seconds:.0f} s, again in {again.seconds:.0f} s"


def long_lines(scratch: Path) -> str:
    """Refused by name in each format, and the file beside them is read."""
    folder = scratch / "long"
    folder.mkdir()
    words = b"met in hall four and spoke of "
    text = words * (LINE // len(words))
    (folder / "words.txt").write_bytes(text)
    (folder / "letters.txt").write_bytes(b"x" * LINE)
    (folder / "arabic.txt").write_bytes("قال ".encode() * (LINE // 7))
    (folder / "line.jsonl").write_bytes(b'{"text": "' + text[: LINE - 20] + b'"}')
    (folder / "row.csv").write_bytes(b"text\n" + text[: LINE - 10])
    (folder / "page.html").write_bytes(b"<p>" + text)
    (folder / "nested.json").write_bytes(b"[" * LINE)
    (folder / "short.txt").write_text(shelf.text(1))
    verdicts = {source.name: source.error for source in read_paths([folder])}
    assert verdicts.pop("short.txt") is None
    assert all(verdicts.values()), verdicts
    return f"{len(verdicts)} lines of {LINE / 1e6:.0f} MB refused"


def archives(scratch: Path) -> str:
    """Bombs and paths that lead out are refused entry by entry; nothing is written outside."""
    folder = scratch / "archives"
    folder.mkdir()
    with zipfile.ZipFile(folder / "many.zip", "w") as many:
        for number in range(100_001):
            many.writestr(f"{number}.txt", b"")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        with bomb.open("bomb.txt", "w", force_zip64=True) as entry:
            for _ in range(2_000):
                entry.write(b"0" * 1_000_000)
        bomb.writestr("good.txt", shelf.text(1))
    inner = (folder / "bomb.zip").read_bytes()
    with zipfile.ZipFile(folder / "inside.zip", "w") as outer:
        outer.writestr("bomb.zip", inner)
    with zipfile.ZipFile(folder / "paths.zip", "w") as paths:
        for name in ("../out.txt", "/etc/out.txt", "a/../../out.txt", "C:\\out.txt", "..\\out.txt"):
            paths.writestr(name, shelf.text(3))
    sources = list(read_paths([folder]))
    read = [source.name for source in sources if source.error is None]
    refused = [source for source in sources if source.error is not None]
    assert "bomb.zip!good.txt" in read, read[:5]
    assert not any("out.txt" in name and ".." in name for name in read), read
    assert any(source.name.startswith("many.zip") for source in refused)
    assert any(source.name == "bomb.zip!bomb.txt" for source in refused)
    assert not list(scratch.rglob("out.txt"))
    return f"{len(refused)} refused, {len(read)} read"


CASES: dict[str, Callable[[Path], str]] = {
    "files": many_files,
    "lines": long_lines,
    "archives": archives,
}


def main() -> int:
    if len(sys.argv) == 2:
        with tempfile.TemporaryDirectory() as name:
            began = time.monotonic()
            told = CASES[sys.argv[1]](Path(name))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps({"told": told, "seconds": round(time.monotonic() - began), "peak": round(peak)}))
        return 0
    for name in CASES:
        done = subprocess.run([sys.executable, __file__, name], stdout=subprocess.PIPE, text=True, check=True)
        found = json.load(io.StringIO(done.stdout))
        print(f"{name}: {found['told']}; {found['seconds']} s, {found['peak']} MB", flush=True)
        assert found["peak"] < MOST_MEMORY, found
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
