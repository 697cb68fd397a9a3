"""pyspark's daemon, which forks a worker for each task: what reading takes is imported once, before it forks."""

from pyspark.daemon import manager

import streaming.landing.tasks  # noqa: F401  so that each worker has it already

if __name__ == "__main__":
    manager()
