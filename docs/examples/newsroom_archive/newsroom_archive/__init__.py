"""What a newsroom's own archive knows of a file: an example of a package that adds to the toolkit."""
