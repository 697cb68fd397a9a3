"""Tests: unit, Spark, flows, integration, end to end, and an independent oracle of what is right."""
