"""Runs that are too long for every day: started by hand."""
