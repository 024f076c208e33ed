"""Random bytes for everything that reads what students send: a crash is a bug, kept as a case."""
