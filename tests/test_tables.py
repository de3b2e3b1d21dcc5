"""The README's figures are those of the committed run."""

from __future__ import annotations

import json

import pytest

from eval.tables import BEGIN, END, ROOT, RUN, placed, table


def test_the_readme_tells_the_figures_of_the_committed_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert placed(readme, table(json.loads(RUN.read_text(encoding="utf-8")))) == readme


def test_a_readme_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        placed("# Sanad", "| |")
    assert placed(f"a {BEGIN}old{END} b", "new\n") == f"a {BEGIN}new\n{END} b"
