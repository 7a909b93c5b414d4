"""Losses, negatives, and the one training loop."""
