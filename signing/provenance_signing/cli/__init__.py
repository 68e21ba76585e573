"""The commands that this component adds to `provenance`."""
