"""Grounded words: a decided move becomes a short reply in which every fact stands in the catalogue.

Source: design section 4.
"""
