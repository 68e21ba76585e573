"""The sentences of the detectors in English (`catalogue.py`) and their translations (`fr`, `ja`), for gettext."""
