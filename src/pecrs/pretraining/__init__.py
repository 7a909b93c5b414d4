"""A backbone of one's own: a small causal language model, trained on text before it learns to recommend."""
