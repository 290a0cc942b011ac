"""Figures of a run as pure functions over arrays, each with its formula."""
