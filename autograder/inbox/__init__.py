"""Whatever people hand in: found, told apart, and read with care."""
