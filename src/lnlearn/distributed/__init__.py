"""Layer norm on several processes, each of which holds a part of the numbers.

`features` cuts each token: a process holds some features of all tokens. `tokens` cuts between
tokens: a process holds all features of some. `Traffic` counts what the processes send each other,
and `network` estimates what it costs on many devices.

``torchrun --nproc-per-node 3 -m lnlearn.distributed`` runs all of it on processes of one machine.
"""

from lnlearn.distributed import features, network, tokens
from lnlearn.distributed.traffic import Traffic

__all__ = ["Traffic", "features", "network", "tokens"]
