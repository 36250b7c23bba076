"""Examples in arrays, the files they come from, and the names of their classes.

From the bottom up:

- `sparse_rows`: rows that store only what is not zero.
- `store`: the arrays behind a data set, checked.
- `given_pairs`: the pairs that were handed out, and what was written into them since.
- `pair_list`: what a list does, done to rows of arrays.
- `dataset`: network2's list of pairs in arrays.
- `rereading`: whether a user's own data are the same whenever they are read.
- `fitting`: examples brought to what a network takes, or refused.
- `digests`: by which a data set is known again.
- `labels`: the names of classes.
- `array_pickles`: pickles of arrays, and nothing else.
- `digits`: MNIST's kinds of files.
- `text_files`: text, packed or plain, in any usual encoding.
- `kinds`: what kind of file it is.
- `splitting`: hold out a part, drawn at random.
- `cells`: a number, as programs or people write it, or that it is missing.
- `separators`: what parts the cells of a line.
- `decimals`: a point or a comma before decimals.
- `comments`: comment lines, and rows that only look like them.
- `expected`: what a later table should be like.
- `headers`: whether the first row names the columns.
- `layout`: how a text table is laid out.
- `frames`: tables as blocks of pandas' rows.
- `text_frames`: those in text files.
- `units`: of numbers, one in a column.
- `column_kinds`: which columns hold numbers, and which text.
- `roles`: what the columns are for.
- `tables`: each column in an array.
- `spellings`: texts that mean the same, though programs spell them otherwise.
- `columns`: how the columns of a table become inputs.
- `later_columns`: where they are in another table.
- `examples`: what is read from a file.
- `array_files`: examples in npz, npy and IDX.
- `svmlight`: sparse rows in text.
- `whole_frames`: tables that pandas holds in memory.
- `targets`: what is to be learnt from labels, classes or numbers.
- `useless_columns`: what nothing can be learnt from.
- `learning`: learn on the training rows how columns become inputs.
- `labelled_table`: a table with labels, of which a part is held out.
- `opening`: a user's own files, told apart, opened and read whole.
- `columns_in_files`: what was learnt of columns, as arrays of an npz.
- `applying`: the columns of a later file, brought to a trained network's inputs.
- `scores`: how good answers are.
"""
