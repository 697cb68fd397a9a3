"""The landing data source: from objects under the landing prefix to rows of text, one delivery at a time."""

from streaming.source.landing import LandingDataSource, landing_rows

__all__ = ["LandingDataSource", "landing_rows"]
