"""A network as plain data: parameters, activations, costs, and the files it is saved in.

From the bottom up:

- `bytecode`: what the code of a function says that it reads, imports and assigns.
- `what_is_read`: what a user's function reads besides its arguments.
- `changing_values`: floats that a function reads and that change between calls.
- `own_code`: functions that users write, compiled.
- `slope_check`: whether the slope of a user's activation is right.
- `activations`: of the layers, built in or a user's own.
- `architecture`: what a network is, apart from its weights and biases.
- `costs`: built in or a user's own.
- `parameter_arrays`: weights and biases, checked.
- `overrides`: which methods of a network are a user's own.
- `description`: all that a network is.
- `initialisers`: initial weights and biases.
- `one_example`: output and gradient in NumPy.
- `many_examples`: examples to compute outputs of, a part at a time.
- `history`: the figures that `SGD` returns.
- `bare_model`: a network that holds its description, with outputs and gradients.
- `saving`: network2's JSON, and npz.
- `torch_scaling`: the scaling of inputs as a module of PyTorch.
- `exchange`: networks from and to PyTorch, and to ONNX.
- `sklearn_exchange`: networks from scikit-learn.
- `summary`: a network in words.
- `model`: what a network is used for: predictions, files, other programs.
- `libraries`: what comes with Python, with fastnn or from a package, and counts by its name.
- `class_members`: what of a class its author has written.
- `of_context`: values that differ by context and by thread.
- `describer`: texts that are the same in every process for what does the same.
- `memory`: what functions change and read again.
- `code_describer`: the same texts of code alone, and what it leaves to later calls.
- `definitions`: classes and functions known again by what they do.
"""
