"""Sweeps: many runs asked for together, over a grid or over models, on all cores or on a cluster."""
