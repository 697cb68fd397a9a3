"""The demo as its user runs it, checked by the oracle."""
