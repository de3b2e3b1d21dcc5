"""``python eval``: the evaluation, from a clone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the clone's own package, installed or not

from rag.evaluation.cli import main

sys.exit(main())
