"""What the commands share: the race, the limits of the core, the kernels' work, the machine."""
