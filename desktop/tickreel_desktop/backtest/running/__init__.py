"""Runs and sweeps that go on: jobs with progress, time left and live equity."""
