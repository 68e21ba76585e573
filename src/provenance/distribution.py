"""The name and version under which the toolkit is installed: `provenance` is another project's on the package index."""

NAME = "provenance-toolkit"
VERSION = "0.1.0"
