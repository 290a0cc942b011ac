"""Keeping the cache: its life cycle, its room, and its soundness."""
