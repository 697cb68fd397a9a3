"""Measurements, never tests: `python -m tests.bench`."""
