"""Columns of every table that leaves a room, as (name, SQL type) pairs that Spark, Arrow and tests can all read."""

from typing import Final

Columns = tuple[tuple[str, str], ...]

CUSTOMER_ID: Final = "customer_id"
STORE_ID: Final = "store_id"
PRODUCT_NAME: Final = "product_name"
SALES_DATE: Final = "sales_date"
SALES_PERSON_ID: Final = "sales_person_id"
PRICE: Final = "price"
QUANTITY: Final = "quantity"
TOTAL_COST: Final = "total_cost"

MANDATORY: Final = (
    CUSTOMER_ID,
    STORE_ID,
    PRODUCT_NAME,
    SALES_DATE,
    SALES_PERSON_ID,
    PRICE,
    QUANTITY,
    TOTAL_COST,
)
"""The columns that every CSV must have, in any order and letter case."""

SALE_TYPES: Final[Columns] = (
    (CUSTOMER_ID, "BIGINT"),
    (STORE_ID, "BIGINT"),
    (PRODUCT_NAME, "STRING"),
    (SALES_DATE, "DATE"),
    (SALES_PERSON_ID, "BIGINT"),
    (PRICE, "DECIMAL(12,2)"),
    (QUANTITY, "INT"),
    (TOTAL_COST, "DECIMAL(18,2)"),
)

LINE_MONEY: Final = r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$"
"""How `total_cost` is written."""

LANDED: Final[Columns] = (
    ("delivery_id", "BIGINT"),
    ("line_number", "BIGINT"),
    ("raw", "STRING"),
    *((name, "STRING") for name in MANDATORY),
    ("additional_columns", "STRING"),
    ("malformed", "BOOLEAN"),
    ("rows_in_file", "BIGINT"),
    ("file_reason", "STRING"),
)
"""What reading yields: the rows of each file as text, then one closing row per delivery.

Values come without the white space round them; `raw` is the row as it stood.

A closing row has no line_number; it says how many rows were read and, where the file was not read or could not be,
why (a FileReason, an AbsenceReason or NOT_READ).
"""

WHITE_SPACE: Final = " \t\r\n\f\v"
"""What does not count round a value or a column's name."""

NOT_READ: Final = "not_read"
"""The file_reason of a delivery whose fate was clear without its bytes."""

ERRANDS: Final[Columns] = (("errand", "BINARY"),)
"""What the stream is made of: a row for each task, with its `contract.deliveries.Share`, pickled."""

OUTCOMES: Final[Columns] = (("outcome", "BINARY"),)
"""What came of each errand, pickled."""

TYPED: Final[Columns] = (
    ("delivery_id", "BIGINT"),
    ("line_number", "BIGINT"),
    *SALE_TYPES,
    ("sales_month", "STRING"),
    ("additional_columns", "STRING"),
    ("reason_codes", "STRING"),
    ("raw", "STRING"),
    ("rows_in_file", "BIGINT"),
    ("file_reason", "STRING"),
)
"""Landed rows with typed values, null where a text is none, and what is wrong with each row alone.

A row that keeps all rules has no reason codes (""), a closing row null.
"""

FACTS: Final[Columns] = (
    ("delivery_id", "BIGINT"),
    ("line_number", "BIGINT"),
    *SALE_TYPES,
    ("sales_month", "STRING"),
    ("customer_name", "STRING"),
    ("customer_pincode", "STRING"),
    ("store_address", "STRING"),
    ("store_pincode", "STRING"),
    ("store_manager_id", "BIGINT"),
    ("product_id", "BIGINT"),
    ("list_price", "DECIMAL(12,2)"),
    ("sales_person_name", "STRING"),
    ("sales_person_store_id", "BIGINT"),
    ("additional_columns", "STRING"),
)
"""One accepted, enriched sale."""

FACTS_PARTITIONS: Final = ("sales_month", STORE_ID)
FACTS_RANGED: Final = ("delivery_id", SALES_DATE)
"""The columns of which the lake notes the least and greatest value in each file, so that a query may pass over it."""

CHECKED: Final[Columns] = (
    *FACTS,
    ("reason_codes", "STRING"),
    ("raw", "STRING"),
    ("rows_in_file", "BIGINT"),
    ("file_reason", "STRING"),
)
"""Every landed row after all its checks: a fact has no reason codes (""), a refused row has some, space between.

Closing rows come along with null reason codes. sales_month is null but for facts, raw is null for facts.
"""

REJECTS: Final[Columns] = (
    ("delivery_id", "BIGINT"),
    ("line_number", "BIGINT"),
    ("reasons", "ARRAY<STRING>"),
    ("raw", "STRING"),
)
"""One refused row with all its reason codes and its text as it stood in the file."""

REJECTS_RANGED: Final = ("delivery_id",)

TALLIES: Final[Columns] = (
    ("delivery_id", "BIGINT"),
    ("file_reason", "STRING"),
    ("reason_codes", "STRING"),
    ("sales_month", "STRING"),
    ("store_id", "BIGINT"),
    ("sales_person_id", "BIGINT"),
    ("sales_person_name", "STRING"),
    ("rows", "BIGINT"),
    ("amount", "DECIMAL(28,2)"),
    ("rows_in_file", "BIGINT"),
)
"""The rows of a batch counted per delivery and fate; facts per month, store and salesperson too, null for others."""

REJECT_TALLIES: Final[Columns] = (
    ("delivery_id", "BIGINT"),
    ("reason", "STRING"),
    ("rows", "BIGINT"),
    ("sample", "STRING"),
    ("unknown_keys", "MAP<STRING, BIGINT>"),
)
"""Refused rows counted per delivery and reason code, with how the text of the first one begins.

For a reason about an unknown key, the first `MOST_UNKNOWN_KEYS` keys (as text) and the rows refused for each.
"""

MOST_UNKNOWN_KEYS: Final = 10_000
"""So many keys of a delivery are remembered for each reason: a file of nonsense must not fill the ledger."""

LONGEST_DIMENSION_KEY: Final = 255
"""No key of a dimension has more characters: a longer one stays unknown for ever."""

LONGEST_SAMPLE: Final = 2_000
"""So many characters of a refused row are shown beside its reason; the lake has all of it."""

MONEY_TOTAL: Final = "DECIMAL(24,2)"

CUSTOMER_CHANGES: Final[Columns] = (
    ("customer_id", "BIGINT"),
    ("sales_month", "STRING"),
    ("full_name", "STRING"),
    ("purchases", "BIGINT"),
    ("total_purchases", MONEY_TOTAL),
)
"""What a batch adds to the customer mart; negative where a correction takes away."""

TEAM_TOTALS: Final[Columns] = (
    ("store_id", "BIGINT"),
    ("sales_month", "STRING"),
    ("sales_person_id", "BIGINT"),
    ("full_name", "STRING"),
    ("sales", "BIGINT"),
    ("total_sales", MONEY_TOTAL),
)
"""What salespeople sold per store and month: as it stands, or what a batch adds or takes away."""

TEAM_CHANGES: Final[Columns] = (
    *TEAM_TOTALS,
    ("deliveries", "ARRAY<BIGINT>"),
)
"""What a batch adds or takes away, and the deliveries whose sales these are."""

TEAM_MART: Final[Columns] = (
    *TEAM_TOTALS,
    ("sales_rank", "INT"),
    ("incentive", MONEY_TOTAL),
)
"""The sales-team mart."""

DIMENSION_COLUMNS: Final[dict[str, Columns]] = {
    "customers": (("customer_id", "BIGINT"), ("customer_name", "STRING"), ("customer_pincode", "STRING")),
    "stores": (
        ("store_id", "BIGINT"),
        ("store_address", "STRING"),
        ("store_pincode", "STRING"),
        ("store_manager_id", "BIGINT"),
    ),
    "products": (("product_name", "STRING"), ("product_id", "BIGINT"), ("list_price", "DECIMAL(12,2)")),
    "sales_team": (
        ("sales_person_id", "BIGINT"),
        ("sales_person_name", "STRING"),
        ("sales_person_store_id", "BIGINT"),
    ),
}
"""What each dimension adds to a sale; the first column is its key."""


def ddl(columns: Columns) -> str:
    """The columns as one SQL schema string."""
    return ", ".join(f"{name} {kind}" for name, kind in columns)


def names(columns: Columns) -> list[str]:
    """The columns' names in order."""
    return [name for name, _ in columns]
