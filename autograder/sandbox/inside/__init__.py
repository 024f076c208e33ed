"""What is staged into a sandbox, and nothing else; imports nothing of the package."""
