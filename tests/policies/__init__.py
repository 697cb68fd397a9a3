"""The policies of deployments/policies under an S3 server that enforces them."""
