"""Rows into the cache: from a file to sealed, recorded days."""
