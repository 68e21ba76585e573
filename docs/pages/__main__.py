"""Writes the pages that follow from the code and from the results: `make docs-pages`."""

from pages import PAGES, ROOT

for name, written in PAGES.items():
    (ROOT / name).write_text(written(), "utf-8")
