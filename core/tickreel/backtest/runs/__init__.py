"""Runs: done in processes of their own, kept with card, tables and pins, compared and done again."""
