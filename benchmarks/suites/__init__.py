"""asv's suites: how times, memory and accuracy change from commit to commit.

asv imports this folder as a package of its own, called `suites`, and runs it on old commits too.
So the modules import one another relatively, and import from fastnn only what is documented.
"""
