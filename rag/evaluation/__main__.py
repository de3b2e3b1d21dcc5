"""``python -m rag.evaluation``."""

import sys

from rag.evaluation.cli import main

sys.exit(main())
