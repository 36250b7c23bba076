"""Checks, files, threads and intervals: helpers that know nothing of networks.

From the bottom up:

- `checks`: arguments, each returned in its plain form or refused with one clear error.
- `libraries`: optional libraries that are missing.
- `archives`: the zip archives in which files come packed.
- `reading`: arrays from files that may come from anywhere.
- `writing`: files whole or not at all.
- `processors`: how many there are, and one for each thread.
- `threads`: helpers that stay in order when Ctrl-C comes.
- `terminals`: what a process says on stderr, a bar or lines, and whether somebody sees it.
- `intervals`: the mean of a few runs and its 95 % interval.
- `numerals`: numbers as people write them.
- `html`: small pieces for notebooks.
"""
