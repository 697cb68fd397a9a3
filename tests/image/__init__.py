"""The image, built and run where no Docker engine is: `tests/image/prove`."""
