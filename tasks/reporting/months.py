"""Months as the marts write them, YYYY-MM."""

MONTHS_A_YEAR = 12


def first_month(newest: str, months: int) -> str:
    """The month with which so many months begin that end with the newest."""
    year, month = map(int, newest.split("-"))
    return _month(MONTHS_A_YEAR * year + month - months)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Both months and all in between."""
    months = [first]
    while months[-1] < last:
        months.append(first_month(months[-1], 0))
    return tuple(months)


def _month(number: int) -> str:
    """The month that is so many months after December of the year before year 0."""
    return f"{number // MONTHS_A_YEAR:04}-{number % MONTHS_A_YEAR + 1:02}"
