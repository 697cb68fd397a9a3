"""What a flow can ask for: plans that are pure, and deeds that are boring."""
