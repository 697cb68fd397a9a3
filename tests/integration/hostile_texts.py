"""Texts made to break whoever handles them: as values and as names of columns, and as names of files."""

import unicodedata

LONGEST_KEY_BYTES = 1024

TEXTS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "'; DROP TABLE customers; --",
    "Robert\"); DELETE FROM deliveries WHERE ('1'='1",
    "%s %(reason)s {0} ${x} \\n \\",
    "<script>alert(1)</script>",
    "[red]x[/red] | `y`",
    "😀👨‍👩‍👧🏽",
    "\u202egnp.exe \u2067\u05dc\u05d9\u05d0\u05ea\u2069",
    "Cre\u0301me",
    "Cr\u00e9me",
    "two\nlines\r\nand a half",
    "NULL",
    "\u0085\u2028\x01\x7f\ufeff",
]
NAMES = [
    "a.csv",
    "a.csv ",
    " a.csv",
    "a .csv",
    "A.csv",
    unicodedata.normalize("NFC", "é.csv"),
    unicodedata.normalize("NFD", "é.csv"),
    "_hidden.csv",
    ".hidden.csv",
    "...csv",
    " .csv",
    "_delta_log/a.csv",
    "store_id=1/sales_month=2026-03/a.csv",
    "a%2Fb.csv",
    "%2e%2e/%2e%2e/a.csv",
    "%00.csv",
    "100%.csv",
    "back\\slash\\..\\a.csv",
    "new\nline.csv",
    "carriage\rreturn.csv",
    "tab\t.csv",
    "\x01\x7f.csv",
    "\u2028\u0085.csv",
    "\u202egpj.csv",
    "\u200b.csv",
    "\ufeff.csv",
    "😀.csv",
    "*[a-z]{b,c}?.csv",
    "a:b.csv",
    "a#b?c&d=e+f;g,h@i$j.csv",
    "~root.csv",
    "'; DROP TABLE deliveries; --.csv",
    '"quoted".csv',
    "<b>.csv",
    "|`x`|.csv",
    "=cmd().csv",
    "http:%2F%2Fexample.org%2Fa.csv",
    "CON.csv",
    "folder.csv/b.txt/c.csv",
    "x" * 200 + ".csv",
    "é" * 100 + ".csv",
]
"""What the S3 server takes as it is. It refuses `..` between slashes, NUL and names beyond 250 bytes, and drops
empty parts and `.`: those are asked of the plan alone, in tests/unit/test_tasks_archive.py."""


def of_greatest_length(prefix: str) -> str:
    """A name that makes a key of as many bytes as S3 allows."""
    left = LONGEST_KEY_BYTES - len(prefix)
    folders = "/".join("d" * 200 for _ in range((left - 200) // 201))
    return f"{folders}/{'e' * (left - len(folders) - len('/.csv'))}.csv"
