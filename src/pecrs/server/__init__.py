"""The recommender behind HTTP: familiar conventions, conversations that are kept, keys that keep others out."""
