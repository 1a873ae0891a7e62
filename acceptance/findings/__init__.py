"""Judging: a test's outcome, agreements and an instant make a finding; findings make a verdict.
Pure.

Others use `Finding` and `Kind` of `finding`, `judge`, `verdict`, and the look-ups of `agreements`.
"""
