"""Evaluation: a recommender's predictions as a file, metrics as pure functions of it, and the baselines to beat."""
