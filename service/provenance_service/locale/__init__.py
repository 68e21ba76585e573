"""The sentences of the service in English (`catalogue.py`) and their translations (`fr`, `ja`: gettext catalogues)."""
