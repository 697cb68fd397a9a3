"""No core files: one would hold every secret of the process that died, for whoever reads the folder."""

import resource


def leave_no_core() -> None:
    """Have this process, and all that it starts from now on, leave no core file whatever the machine's habits are."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
