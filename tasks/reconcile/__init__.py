"""Reconciling: the books held against each other from outside the stream, and mended where they differ."""
