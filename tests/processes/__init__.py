"""What happens to the processes: they sleep, die, run out of memory or disk, or there are too many of them."""
