"""The landing data source: from objects under the landing prefix to rows of text, one delivery at a time."""
