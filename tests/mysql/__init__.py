"""Oracle's MySQL in the place of MariaDB."""
