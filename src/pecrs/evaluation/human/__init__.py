"""Annotation by people."""
