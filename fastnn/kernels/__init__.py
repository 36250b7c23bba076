"""Everything compiled: knows arrays and numbers, nothing of the interface above it.

From the bottom up:

- `interrupts`: signals that wait while Numba works; `private_files`: what is kept on disk;
  `numba_parts`: all that reaches into Numba; `store`: kernels that come with the package;
  `compiling`: Numba's options, and who uses these.
- `simd`: vector registers (compiled, with what the machine offers, and in plain NumPy) and exp,
  log, root, sigmoid and tanh on them; `choice`: one of several functions by a number;
  `own_results`: what a user's own functions must return; `own`: these, by their address.
- `inputs`, `arguments`: data as it is stored, and the groups of arguments that kernels take.
- `panels`, `dense`: how matrices lie in memory, and the products with them; `sparse`, `pairs`: data
  listed by example and by input; `first_layer`: the products with data; `sums`: numbers added up in
  a fixed order.
- `activations`, `costs`, `optimisers`: tables, each a row for what it is named after; `dropout`.
- `layout`: where everything of a network lies; `places`: how kernels find it; `team`: where its
  threads meet.
- `neurons`, `outputs`, `step`: a = f(z), targets and delta^L, one block of examples forward,
  backward and the update; `sweep`, the update by a rule.
- `weighted`: what the estimators' epoch adds; `epoch`, `evaluate`, `shuffle`: what Python calls;
  `array_objects`, `single_layers`, `single`: one example, or a few, on the user's own arrays;
  `short_epoch`: what surrounds an epoch on a few examples.

Some names mean the same everywhere:

- ``examples``: how many examples a block has, ``e`` one of them, from 0.
- ``first``: the place in the order where a block begins.
- ``half``: 0 or 1, the first or second half of the first layer's inputs.
- ``area``: the examples and columns of a block that a thread works out (`layout.Area`).
- ``rows``, ``stride``: how many rows a matrix has, and how many columns with their padding;
  ``column`` is where a panel of 32 or 16 columns begins.
- ``x``, ``z``, ``a``, ``d``, ``y``: inputs, weighted inputs, outputs, errors delta and targets of a
  block, of shape (examples, width), row-major and zero in the padding (`panels.Rows`).
- ``w``, ``b``: weights of shape (fan_in, fan_out) in panels (`panels.Panels`), and biases.
- ``net``: a `layout.Net`; most functions take a bare one, with pointers for arrays.
"""
