"""Every error that Sanad raises on purpose.

    RagError
    ├── InputError        a question, path, file or flag that cannot be used      (exit status 2)
    │   └── ReadError     one file that cannot be read; a build goes on without it
    ├── IndexError_       the index is missing, damaged or made otherwise         (exit status 1)
    │   ├── IndexMissing
    │   ├── IndexDamaged
    │   ├── ContractMismatch
    │   └── IndexLocked   another process is writing
    ├── ModelError        a model that is missing or cannot be loaded or run
    └── ExtraMissing      an optional package is not installed

A message says what happened, with which values, and what to do about it.
"""

from __future__ import annotations

import sys


class RagError(Exception):
    """Root of all errors raised on purpose; its text is fit to be shown to a user."""

    def reported(self) -> int:
        """Says it on standard error, as every command does; the command's exit status."""
        print(f"error: {self}", file=sys.stderr)
        return 2 if isinstance(self, InputError) else 1


class InputError(RagError):
    """A question, path, file or flag that cannot be used."""


class ReadError(InputError):
    """One file that cannot be read as an article."""


class IndexError_(RagError):  # noqa: N801 - the plain name is Python's own
    """The index cannot be used as it is."""


class IndexMissing(IndexError_):
    """There is no index where one was looked for."""


class IndexDamaged(IndexError_):
    """The index is there, but does not hold together."""


class ContractMismatch(IndexError_):
    """The index was built with another encoder, chunking or normaliser than asked for."""


class IndexLocked(IndexError_):
    """Another process is writing to the index."""


class ModelError(RagError):
    """A model is missing, damaged, or failed while running."""


class ExtraMissing(RagError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed. Install it with: pip install 'sanad-rag[{extra}]'")
