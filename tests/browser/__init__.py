"""Prefect's UI as its users see it, in a real browser."""
