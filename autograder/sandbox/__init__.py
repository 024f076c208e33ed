"""Runs student code where it can see nothing, keep nothing and stall nobody."""
