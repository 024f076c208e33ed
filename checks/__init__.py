"""What is run on the whole from outside: attacks, broken files, practicals, bench, parity, fuzzing."""
