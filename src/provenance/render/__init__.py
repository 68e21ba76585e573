"""Renderers: the report for people. They put it on a page and decide nothing."""
