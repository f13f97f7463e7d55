"""Benchmarks: ``python -m lnlearn.bench cpu`` and ``gpu``. First they check, then they time.

Layer norm is bound by memory, so each time stands beside that of a copy of the same array, taken in
the same run. Methods take turns, and medians are compared: what the machine does meanwhile hits all
of them alike.
"""
