"""Real processes, killed at every named point: the end is as if nobody had died."""
