"""Networks and data in the kernels' form, and the classes that run kernels on them.

From the bottom up:

- `packed_network`: parameters in one flat array, in the kernels' layout.
- `sparse_form`: full rows of inputs made sparse, on all processors.
- `inputs`: data in the form that is fastest.
- `short_calls`: long work in compiled calls that are short enough for Ctrl-C.
- `prepared`: a network and a data set for the kernels, where all that runs one begins.
- `two_way`: sparse inputs listed by input, too.
- `faster_way`: which of two ways is faster, learnt while the work is done.
- `teams`: threads that share a mini-batch.
- `generator_state`: Python's random numbers, for the compiled shuffle.
- `python_costs`: costs that cannot be compiled.
- `draws`: what an epoch draws: its order, and the keys of dropout.
- `divergence`: training whose numbers are no longer finite.
- `step_settings`: how to train, and whether a step tells the gradient.
- `trainer`: epochs of training.
- `shares`: examples in equal shares, one for each thread.
- `evaluator`: outputs, accuracy and cost on a data set.
- `forward`: outputs for many examples in rows.
- `meter`: gradients and slopes, averaged over a data set.
- `single_copies`: copies of arrays that kernels cannot read as they are.
- `single_work`: what is known of a network from one single call to the next.
- `gradient_memory`: memory for gradients of one example, used again once nobody has it.
- `single_own_cost`: single calls with a cost of a user's own, between two kernels.
- `single`: the fast way of single calls, for one example or a few.
- `exclusive`: one call trains a network at a time.
- `python_calls`: steps and accuracy with a user's own `backprop` or `feedforward`.
- `single_calls`: what a network computes in one call: a step, accuracy, cost.
- `chapter1_view`: a network of chapter 1 as one of network2's.
- `short_examples`: the examples of a call that is like the last.
- `short_epoch`: a whole epoch in a call that is like the last.
"""
