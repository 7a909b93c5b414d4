"""Ranking by what can be counted and read beside the model: features of a dialogue and an item, and their weights."""
