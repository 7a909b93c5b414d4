"""Addresses of databases, as people and hosting services write them."""

import pytest

from pecrs.errors import ConfigError
from pecrs.server.database import _address, open_database


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_leads_to_the_driver_that_is_installed(scheme):
    parsed = _address(f"{scheme}://me:a%40b@db.example:5433/films?sslmode=require")
    assert parsed.get_backend_name() == "postgresql"
    assert parsed.get_dialect().driver == "psycopg"
    assert (parsed.password, parsed.host, parsed.port, parsed.database) == ("a@b", "db.example", 5433, "films")
    assert dict(parsed.query) == {"sslmode": "require"}


@pytest.mark.parametrize("scheme", ["mysql", "mysql+pymysql", "postgresql+psycopg2", "postgresql+asyncpg", "http"])
def test_another_database_is_refused_in_one_line_that_keeps_the_password(scheme):
    with pytest.raises(ConfigError, match=rf"^database: {scheme.replace('+', '.')}:// is not supported") as refused:
        open_database(f"{scheme}://me:secret@db.example/films")
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
