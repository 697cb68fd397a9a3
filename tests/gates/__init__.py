"""Gates of `make test` that no ready-made tool is."""
