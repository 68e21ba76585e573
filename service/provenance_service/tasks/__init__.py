"""What runs in worker processes: everything that reads a file of a stranger."""
