"""The addresses of the HTTP interface and of the pages, one module for each subject; `app.py` puts them together."""
