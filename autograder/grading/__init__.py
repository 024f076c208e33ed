"""From a submission's bytes to a result, for one and for a class."""
