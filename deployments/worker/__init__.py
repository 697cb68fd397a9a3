"""The worker of one environment, kept at work: `python -m deployments.worker --environment prod`."""
