"""One file for each exercise, or for a few that belong together: its formula with a switch for each
mistake, its probes, and the mistakes in words.

`catalogue` has the mistakes of layer norms that several exercises share, and `formula` the layer
norm that makes them.
"""
