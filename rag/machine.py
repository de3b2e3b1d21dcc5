"""What this machine offers a model: cores and memory, limits of a container included."""

from __future__ import annotations

import os
from pathlib import Path


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that can be taken without swapping; None where the system does not tell.

    The smaller of ``MemAvailable`` and what the control group has left.
    """
    limits = [amount for amount in (_available(root), _group(root)) if amount is not None]
    return min(limits, default=None)


def _available(root: Path) -> int | None:
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) * 1024
    return None


def _group(root: Path) -> int | None:
    folder = root / "sys/fs/cgroup"
    try:
        most = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = (folder / "memory.current").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return max(0, int(most) - int(used)) if most.isdigit() and used.isdigit() else None
