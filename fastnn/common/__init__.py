"""What every room may use and that knows no network: checks, files, threads, intervals."""
