"""The sentences of signing in English (`catalogue.py`) and their translations (`fr`, `ja`: gettext catalogues)."""
