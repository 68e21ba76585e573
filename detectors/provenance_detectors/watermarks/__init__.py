"""Watermarks in the choice of words, found with the keys that put them in."""
