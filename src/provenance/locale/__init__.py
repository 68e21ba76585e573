"""The sentences in English (`catalogue.py`) and their translations (`fr`, `ja`: gettext catalogues)."""
