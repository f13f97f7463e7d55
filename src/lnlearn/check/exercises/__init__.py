"""The exercises, a file for each chapter, or two where one would be too long.

A file has formulas that can make each mistake, and `Checker` objects with inputs and with the
mistakes in words. `lnlearn.check` finds them here; what several files need is in `catalogue` and
`formula`, one folder up.
"""
