"""Scripted conversations."""
