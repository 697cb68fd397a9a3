"""`python -m deployments.policies`: the S3 policy of a role, to be given to its user."""

import argparse
import sys

from deployments.policies import BUCKET_ROLES, policy_of
from streaming.contract.errors import TillstreamError
from streaming.contract.settings import ENVIRONMENTS, read_settings


def main() -> int:
    """Print it."""
    parser = argparse.ArgumentParser(prog="python -m deployments.policies", description=__doc__)
    parser.add_argument("--environment", choices=ENVIRONMENTS, required=True)
    parser.add_argument("--role", choices=BUCKET_ROLES, required=True)
    options = parser.parse_args()
    try:
        sys.stdout.write(policy_of(options.role, read_settings(options.environment).storage))
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
