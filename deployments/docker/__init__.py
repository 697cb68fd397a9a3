"""Containers: the image of workers and jobs, and a whole house of them by Compose; see docs/docker.md."""
