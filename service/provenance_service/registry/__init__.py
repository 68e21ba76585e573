"""The registry: leads a copy that lost its manifest back to the registered one, by what the picture looks like."""
