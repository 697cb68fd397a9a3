"""The real components under any order of events that Hypothesis thinks of, beside a model in plain Python."""
