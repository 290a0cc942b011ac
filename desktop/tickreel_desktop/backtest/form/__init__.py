"""The form of a run: strategy, symbols, days, preset, and under Advanced all else."""
