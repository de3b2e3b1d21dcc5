"""Models that can be added: ``python -m rag.models list | pull | use | remove | where``.

Nothing is ever fetched unless ``pull`` is called. A model lies in one folder under the name of its file;
beside them ``models.json`` keeps each one's size and SHA-256 from its first download, and which is in use.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag import machine
from rag.errors import ExtraMissing, InputError, ModelError, RagError
from rag.gguf import read_header


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the catalogue.

    Attributes:
        name: What ``pull`` and ``use`` are called with.
        repository: On the Hugging Face hub.
        file: The GGUF file there; ``""`` for an embedder, of which ``patterns`` are fetched.
        size: Bytes to download, about.
        memory: Bytes of memory while answering with a window of 4,096 tokens, about.
        sha256: Of ``file`` where it is pinned, else ``""``: recorded at the first download.
    """

    name: str
    kind: Literal["llm", "embedder"]
    repository: str
    file: str
    size: int
    memory: int
    licence: str
    languages: str
    note: str
    patterns: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def place(self) -> str:
        """The file or folder under the models' folder."""
        return self.file or self.repository.rpartition("/")[2]

    @property
    def weights(self) -> str:
        """The file under the models' folder whose hash is kept."""
        return self.file or f"{self.place}/{self.patterns[-1]}"


_GB = 1_000_000_000
_EMBEDDER_FILES = ("*.json", "1_Pooling/*", "sentencepiece.bpe.model", "tokenizer*")
CATALOGUE = (
    Entry(
        "qwen3-4b", "llm", "unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        int(2.5 * _GB), int(3.6 * _GB), "Apache-2.0", "ar, en, 100 more", "the default for 8 GB of memory",
    ),
    Entry(
        "qwen3-1.7b", "llm", "unsloth/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q4_K_M.gguf",
        int(1.11 * _GB), int(2.0 * _GB), "Apache-2.0", "ar, en, 100 more", "for 4 GB, or where speed counts",
    ),
    Entry(
        "qwen3-8b", "llm", "unsloth/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf",
        int(5.03 * _GB), int(6.5 * _GB), "Apache-2.0", "ar, en, 100 more", "for 16 GB of memory",
    ),
    Entry(
        "multilingual-e5-small", "embedder", "intfloat/multilingual-e5-small", "",
        int(0.49 * _GB), int(0.9 * _GB), "MIT", "100, with ar, en", "a larger encoder; needs the extra hub",
        (*_EMBEDDER_FILES, "model.safetensors"),
    ),
    Entry(
        "bge-m3", "embedder", "BAAI/bge-m3", "",
        int(2.3 * _GB), int(3.0 * _GB), "MIT", "100, with ar, en",
        "the strongest encoder; slow without a GPU",
        (*_EMBEDDER_FILES, "pytorch_model.bin"),
    ),
)  # fmt: skip

Fetch = Callable[[Entry, Path], None]
"""Brings an entry's file or files into a folder, going on where an earlier try stopped."""


def entry(name: str) -> Entry:
    """The catalogue's entry of that name; InputError with the known names."""
    for one in CATALOGUE:
        if name.lower() in (one.name, one.place.lower(), one.repository.lower()):
            return one
    known = ", ".join(one.name for one in CATALOGUE)
    raise InputError(f"No model {name!r} in the catalogue. Known: {known}.")


def models_folder() -> Path:
    """``RAG_MODELS``, else the user's data folder."""
    if named := os.environ.get("RAG_MODELS"):
        return Path(named)
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "sanad" / "models"


def chosen(folder: Path | None = None) -> Path | None:
    """The GGUF file that ``use`` named; None where none was.

    Raises:
        ModelError: It was removed since, or the record is damaged.
    """
    folder = folder or models_folder()
    named = _record(folder).get("in_use")
    if not named:
        return None
    path = folder / str(named)
    if not path.is_file():
        raise ModelError(f"The model in use, {path}, is gone. Choose another: python -m rag.models use NAME")
    return path


def pull(one: Entry, folder: Path, fetch: Fetch | None = None) -> Path:
    """Downloads ``one`` into ``folder``, checks it, and returns where it lies.

    Raises:
        ModelError: No room, no connection, or the file is not what it was at the first download.
        ExtraMissing: huggingface_hub is not installed.
    """
    place = folder / one.place
    folder.mkdir(parents=True, exist_ok=True)
    if _is_known(one, folder):
        return place
    here = sum(file.stat().st_size for file in folder.rglob("*.incomplete") if file.is_file())
    free = shutil.disk_usage(folder).free
    if free + here < one.size * 1.05:
        raise ModelError(
            f"{one.name} needs {_shown(one.size)} in {folder} and {_shown(free)} are free. Make room, or set "
            "RAG_MODELS to a folder on another disk."
        )
    (fetch or _from_hub)(one, folder)
    if one.file:
        read_header(place)
    _keep_hash(one, folder)
    return place


def _keep_hash(one: Entry, folder: Path) -> None:
    """Compares the weights with the pinned or recorded hash; records it the first time."""
    weights = folder / one.weights
    if not weights.is_file():
        raise ModelError(f"{one.repository} came without {weights.name}. {by_hand(one, folder)}")
    record = _record(folder)
    files = record.get("files", {})
    digest = _sha256(weights)
    known = one.sha256 or files.get(one.weights, {}).get("sha256", digest)
    if digest != known:
        weights.unlink()
        raise ModelError(
            f"{weights.name} has the SHA-256 {digest} instead of {known}; it was deleted. Pull it again, and "
            "if that repeats, the file behind the name has changed: look at its page before trusting it."
        )
    now = {one.weights: {"sha256": digest, "size": weights.stat().st_size}}
    _write_record(folder, {**record, "files": {**files, **now}})


def use(name: str, folder: Path) -> str:
    """Makes an LLM the one that ``generator = auto`` takes; for an embedder, says how to set it.

    Args:
        name: Of the catalogue, or a path of any GGUF file.
    """
    path = Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        read_header(path)
        _write_record(folder, {**_record(folder), "in_use": str(path.resolve())})
        return f"{path} answers from now on (generator = auto)."
    one = entry(name)
    place = folder / one.place
    if not place.exists():
        raise InputError(f"{one.name} is not here yet. Fetch it with: python -m rag.models pull {one.name}")
    if one.kind == "embedder":
        return (
            f'Write  embedder = "{place}"  into sanad.toml, then rebuild the index: '
            "python -m rag.build --rebuild (an index belongs to its encoder)."
        )
    read_header(place)
    _write_record(folder, {**_record(folder), "in_use": one.place})
    return f"{one.name} answers from now on (generator = auto)."


def remove(name: str, folder: Path) -> str:
    """Deletes a downloaded model; its recorded hash stays for the next download."""
    one = entry(name)
    place = folder / one.place
    if not place.exists():
        raise InputError(f"{one.name} is not in {folder}. See: python -m rag.models list")
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()
    record = _record(folder)
    if record.get("in_use") == one.place:
        _write_record(folder, {**record, "in_use": None})
        return f"{one.name} is deleted; the reader answers again."
    return f"{one.name} is deleted."


def by_hand(one: Entry, folder: Path) -> str:
    """What to do without a connection, in one sentence."""
    what = one.file or f"the files {', '.join(one.patterns)}"
    place = folder if one.file else folder / one.place
    return (
        f"Without a connection: on another machine fetch {what} from https://huggingface.co/{one.repository} "
        f"and put it into {place}."
    )


def _from_hub(one: Entry, folder: Path) -> None:
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    try:
        from huggingface_hub import constants, hf_hub_download, snapshot_download
    except ImportError as error:
        raise ExtraMissing("huggingface_hub", "llm") from error
    # The client would try for half a minute and log each try, where the first answer is final.
    host = urlsplit(constants.ENDPOINT).hostname or ""
    if not getproxies().keys() - {"no"}:
        try:
            socket.getaddrinfo(host, 443)
        except OSError as error:
            raise ModelError(
                f"Cannot fetch {one.name} ({host} is not known here). {by_hand(one, folder)}"
            ) from error
    try:
        if one.file:
            hf_hub_download(one.repository, one.file, local_dir=folder)
        else:
            snapshot_download(one.repository, local_dir=folder / one.place, allow_patterns=list(one.patterns))
    except KeyboardInterrupt:
        raise ModelError(f"Stopped. The next  pull {one.name}  goes on from here.") from None
    except Exception as error:  # the hub's client raises errors of several libraries
        told = textwrap.shorten(str(error), 160, placeholder=" …") or type(error).__name__
        raise ModelError(f"Cannot fetch {one.name} ({told}). {by_hand(one, folder)}") from error


def _is_known(one: Entry, folder: Path) -> bool:
    known = _record(folder).get("files", {}).get(one.weights)
    weights = folder / one.weights
    return bool(known) and weights.is_file() and _sha256(weights) == known.get("sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(folder: Path) -> dict[str, Any]:
    path = folder / "models.json"
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path} is damaged ({error}). Delete it and run: python -m rag.models use NAME"
        ) from error
    if not isinstance(value, dict):
        raise ModelError(
            f"{path} is damaged (not an object). Delete it and run: python -m rag.models use NAME"
        )
    return value


def _write_record(folder: Path, record: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "models.json.new"
    draft.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(folder / "models.json")


def _shown(amount: int) -> str:
    return f"{amount / _GB:.1f} GB"


def _listing(folder: Path) -> str:
    record = _record(folder)
    free = machine.free_memory()
    lines = [f"{'':2}{'name':23}{'kind':10}{'download':>9}{'memory':>9}  {'licence':11}{'languages':18}note"]
    for one in CATALOGUE:
        state = "*" if record.get("in_use") == one.place else "+" if (folder / one.place).exists() else " "
        tight = "; more memory than is free now" if free is not None and one.memory > free else ""
        lines.append(
            f"{state:2}{one.name:23}{one.kind:10}{_shown(one.size):>9}{_shown(one.memory):>9}  "
            f"{one.licence:11}{one.languages:18}{one.note}{tight}"
        )
    lines.append(f"* in use, + downloaded; they lie in {folder}")
    named = record.get("in_use")
    if named and Path(str(named)).is_absolute():
        lines.append(f"In use: {named}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m rag.models", description="Models that can be added.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the catalogue, and what is here")
    commands.add_parser("where", help="the folder of the models")
    pulled = commands.add_parser("pull", help="download a model")
    pulled.add_argument("name", nargs="?", default=CATALOGUE[0].name)
    commands.add_parser("use", help="let a model answer (a name or a GGUF file)").add_argument("name")
    commands.add_parser("remove", help="delete a downloaded model").add_argument("name")
    options = parser.parse_args(arguments)
    folder = models_folder()
    try:
        if options.command == "list":
            print(_listing(folder))
        elif options.command == "where":
            print(folder)
        elif options.command == "pull":
            place = pull(entry(options.name), folder)
            print(f"{place}\nTo answer with it: python -m rag.models use {entry(options.name).name}")
        elif options.command == "use":
            print(use(options.name, folder))
        else:
            print(remove(options.name, folder))
    except RagError as error:
        return error.reported()
    return 0


if __name__ == "__main__":
    sys.exit(main())
