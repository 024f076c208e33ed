"""What authors write, and everything that is built from it."""
