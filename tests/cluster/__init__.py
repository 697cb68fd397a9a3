"""The same job on a Spark cluster of several workers."""
