"""A table as people have it: how it is laid out, what its columns are, and how they become inputs.

From the bottom up:

- `separators`: what parts the cells of a line.
- `decimals`: a point or a comma before decimals.
- `comments`: comment lines, and rows that only look like them.
- `expected`: what a later table should be like.
- `headers`: whether the first row names the columns.
- `titles`: what stands above a table.
- `layout`: how a text table is laid out.
- `frames`: tables as blocks of pandas' rows.
- `text_frames`: those in text files.
- `units`: of numbers, one in a column.
- `nearly_numbers`: text that may be meant as numbers.
- `column_kinds`: which columns hold numbers, and which text.
- `roles`: what the columns are for.
- `table`: each column in an array.
- `spellings`: texts that mean the same, though programs spell them otherwise.
- `columns`: how the columns of a table become inputs.
- `later_columns`: where they are in another table.
- `arff`: tables in ARFF files.
- `sheet_cells`: which cells of a sheet are merged, or formulas.
- `whole_frames`: tables that pandas holds in memory.
- `dates`: dates and times, however they are written.
- `useless_columns`: what nothing can be learnt from.
- `targets`: what is to be learnt from labels, classes or numbers.
- `learnt_columns`: learn on the training rows how columns become inputs.
- `columns_in_files`: what was learnt of columns, as arrays of an npz.
"""
