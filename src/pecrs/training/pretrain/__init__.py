"""Pre-training of a small backbone on dialogue."""
