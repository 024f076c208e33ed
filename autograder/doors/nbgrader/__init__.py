"""nbgrader's door: its autograde, formgrader and gradebook with our engine."""
