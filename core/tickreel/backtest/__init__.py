"""Backtest: strategies, a simulated exchange with latencies and queues, and what comes of a run."""
