"""What files hold: arrays in the formats of programs, or text.

From the bottom up:

- `text_files`: text, packed or plain, in any usual encoding.
- `cells`: a number, as programs or people write it, or that it is missing.
- `array_pickles`: pickles of arrays, and nothing else.
- `digits`: MNIST's kinds of files.
- `kinds`: what kind of file it is.
- `folders`: which files of a folder are data.
- `array_files`: examples in npz, npy and IDX.
- `svmlight`: sparse rows in text.
"""
