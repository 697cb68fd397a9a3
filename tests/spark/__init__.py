"""Spark rooms on static rows, and the real source on real files."""
