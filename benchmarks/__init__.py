"""How fast fastnn is: commands that measure it, and suites for asv.

The commands are the modules of this folder. `suites` is what asv runs, `programs` the programs
that fastnn is compared with, `support` what the commands share. `README.md` says how to run each
and how to read the result.
"""
