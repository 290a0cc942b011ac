"""Runs for others: a report that stands by itself, tables for other programs, data for other engines."""
