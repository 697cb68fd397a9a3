"""The jars beside pyspark's own: resolved once by Ivy into a cache folder that all checkouts share.

`ivy.xml` says which, `jars.sha256` what their bytes must be. `python -m deployments.jars` fetches what is missing.
"""

from deployments.jars.folder import have_jars

__all__ = ["have_jars"]
