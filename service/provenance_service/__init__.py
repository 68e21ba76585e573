"""The service: the toolkit's report over HTTP, and a page to drop a file on. Nothing that is sent is kept."""
