"""Benchmarks: figures that others can repeat, each as a ratio to a peer in the same run."""
