"""Which servers are on this machine, so that what is said to them crosses no network."""

from ipaddress import ip_address

NAME = "localhost"


def is_this_machine(host: str) -> bool:
    """True for `localhost` and the loopback addresses; a name is not looked up, as whoever answers could lie."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == NAME
