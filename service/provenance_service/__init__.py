"""The service: the toolkit's report over HTTP, and a page to drop a file on. Its README says what it stores."""
