"""The server that the others of `make mysql` run on is Oracle's, as strict and as careful as it comes."""

import pytest

from tests.mysql.real import is_real
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.skipif(not is_real(), reason="`make mysql` runs it")]


def test_it_is_no_mariadb_and_asks_for_sha2(shop: Shop) -> None:
    (told,) = shop.sql("SELECT VERSION() AS version, @@sql_mode AS mode, CURRENT_USER() AS who")
    assert "MariaDB" not in str(told["version"])
    assert "STRICT_TRANS_TABLES" in str(told["mode"])
    (plugin,) = shop.sql("SHOW CREATE USER CURRENT_USER()")
    assert "caching_sha2_password" in str(plugin)
