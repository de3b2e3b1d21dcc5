"""Processes that train one model together."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

TIMEOUT = 120  # seconds
MEET = """
import torch
from train.reader import Together
together = Together()
weights = [torch.nn.Parameter(torch.full((2, 2), float(together.rank))), torch.nn.Parameter(torch.ones(3))]
assert not together.due(together.PERIOD - 1) and together.due(together.PERIOD)
together.meet(weights, steps=1 + 2 * together.rank)
assert not together.due(together.PERIOD) and together.due(2 * together.PERIOD)
print(weights[0].detach().flatten().tolist() + weights[1].detach().tolist())
"""


def test_processes_go_on_from_the_mean_weighed_by_their_steps() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {**os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MEET],
            env={**shared, "RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        told = [process.communicate(timeout=TIMEOUT) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    # One step at 0 and three at 1.
    assert [out.strip() for out, _ in told] == [str([0.75] * 4 + [1.0] * 3)] * 2, [err for _, err in told]
