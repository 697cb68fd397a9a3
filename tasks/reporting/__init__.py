"""What people see: the state after a run in Prefect's UI, and the report as one HTML file."""
