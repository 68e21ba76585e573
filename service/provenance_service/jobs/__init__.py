"""Many files at once: kept until they are done, through restarts, and read page by page."""
