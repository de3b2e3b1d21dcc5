"""How good the answers are: questions with known answers, metrics, reports and a gate.

``python eval``, ``python -m rag.evaluation`` and ``sanad eval`` all call ``rag.evaluation.cli.main``.
"""
