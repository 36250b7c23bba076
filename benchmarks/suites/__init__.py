"""asv's suites: how times, memory and accuracy change from commit to commit.

asv imports this folder as a package of its own, called `suites`, on commits of any age. So its
modules import one another relatively, and of fastnn only what is documented.
"""
