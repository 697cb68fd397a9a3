"""Against the embedded servers."""
