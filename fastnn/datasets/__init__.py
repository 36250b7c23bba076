"""Examples in arrays, the files they come from, and the names of their classes.

From the bottom up; `files` and `tables` lie below what reads a user's own file, `examples` and
later ones:

- `sparse_rows`: rows that store only what is not zero.
- `store`: the arrays behind a data set, checked.
- `given_pairs`: the pairs that were handed out, and what was written into them since.
- `pair_list`: what a list does, done to rows of arrays.
- `rereading`: whether a user's own data are the same whenever they are read.
- `dataset`: network2's list of pairs in arrays.
- `fitting`: examples brought to what a network takes, or refused.
- `digests`: fingerprints that identify a data set.
- `labels`: the names of classes.
- `splitting`: hold out a part, drawn at random.
- `scores`: how good answers are.
- `examples`: what is read from a file.
- `labelled_table`: a table with labels, of which a part is held out.
- `opening`: a user's own files, told apart, opened and read whole.
- `applying`: the columns of a later file, brought to a trained network's inputs.
"""
