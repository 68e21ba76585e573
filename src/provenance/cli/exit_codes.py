"""The exit codes of all commands. 2, for wrong usage, is click's."""

from typing import Final

EXIT_DONE: Final = 0
EXIT_TAMPERED: Final = 1
EXIT_UNREADABLE: Final = 3
EXIT_UNWRITABLE: Final = 4

# As a shell counts the signals that these take the place of: Ctrl-C, and a pipe that its reader closed.
EXIT_INTERRUPTED: Final = 130
EXIT_CLOSED_PIPE: Final = 141
