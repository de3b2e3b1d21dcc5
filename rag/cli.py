"""The console command ``sanad``: its subcommands are ``python -m rag.ask``, ``rag.build`` and so on."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

COMMANDS = {
    "ask": ("rag.ask", "answer a question"),
    "build": ("rag.buildcli", "index articles"),
    "app": ("rag.chat.server", "the chat and the API"),
    "eval": ("rag.evaluation.cli", "measure the answers"),
    "models": ("rag.models", "language models: list, pull, use"),
    "doctor": ("rag.doctor", "check the installation"),
}


def left_by_reader() -> int:
    """Exit status where who reads our output has left (``| head``); nothing is wrong, and nothing more is said."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def main(argv: Sequence[str] | None = None) -> int:
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in ("-h", "--help"):
        print("usage: sanad COMMAND …\n")
        for name, (_, what) in COMMANDS.items():
            print(f"  {name:8}{what}")
        print("\nsanad COMMAND --help says more.")
        return 0 if args else 2
    if args[0] not in COMMANDS:
        print(f"error: no command {args[0]!r}; there are: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    module = importlib.import_module(COMMANDS[args[0]][0])
    status: int = module.main(args[1:])
    return status


if __name__ == "__main__":
    sys.exit(main())
