"""Checks, files, threads and intervals: helpers that know nothing of networks."""
