"""The norms by Triton kernels, for NVIDIA GPUs of compute capability 8.0 and higher.

Read them in this order: `rows`, what every kernel does with a tile of rows; `forward`; `backward`;
`launch`, how many threads work on what, and why; `norms`, which brings tensors into the form that
kernels take. Nothing is imported here, so that `launch` can be read and tested without Triton.
"""
