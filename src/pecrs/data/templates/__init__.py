"""Labelled messages that are written from any catalogue's own facts, by many wordings."""

from pecrs.data.templates.generate import generate

__all__ = ["generate"]
