"""Build and grade the workbook: one solved text file in, a graded class out."""
