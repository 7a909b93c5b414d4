"""Metrics of rankings and of responses."""
