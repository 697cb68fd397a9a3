"""The main job from nothing to its results, told in the terminal: `python -m deployments.demo`."""
