"""Experiments that take longer than a chapter may: run once, recorded, re-run by a sample.

`sweeps` has the class `Sweep`, and each other file the experiments of one chapter:

- `placements`: where the norms of a Transformer go (*Before or after*)
- `comparison`: none, batch norm and layer norm in four networks (*Faster and more stable?*)
- `detached`: layer norm with and without its derivatives (*What does the work?*)
- `scores`: the scores of attention with QK norm, QK-clip and neither (*RMS norm and its relatives*)
- `without_sweeps`: other functions in the place of norms, with the parts in `without` (*Without
  layer norm*)
"""
