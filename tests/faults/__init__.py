"""What the world does wrong: S3 that stutters, MySQL that goes away, in front of the real servers."""
