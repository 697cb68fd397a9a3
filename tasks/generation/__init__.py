"""Made-up retail data, the same for the same seed: dimension rows, till sales and the dirt among them."""
