"""A service in this process, on either database; and one in a process of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from pecrs.server.app import create_app
from pecrs.server.database import open_database
from pecrs.server.settings import ServerSettings
from pecrs.server.store import Store


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of its own, on a socket; gives the URL of its n-th database."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        pytest.skip("PostgreSQL is not installed")
    user = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
    if user and user not in {entry.pw_name for entry in pwd.getpwall()}:
        pytest.skip("PostgreSQL needs a user of its own, and there is none")
    home = Path(tempfile.mkdtemp(prefix="pecrs-postgres-"))
    if user:
        shutil.chown(home, user)

    def call(program, *arguments):
        command = [str(folders[-1] / program), *map(str, arguments)]
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, cwd=home)

    call("initdb", "-D", home / "data", "-U", "pecrs", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c fsync=off -k {home}"
    call("pg_ctl", "-D", home / "data", "-o", options, "-l", home / "log", "-w", "start")
    numbers = count()

    def database():
        name = f"d{next(numbers)}"
        engine = create_engine(f"postgresql+psycopg://pecrs@/postgres?host={home}", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return f"postgresql://pecrs@/{name}?host={home}"

    yield database
    call("pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
    shutil.rmtree(home)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'pecrs.db'}"
    return request.getfixturevalue("postgres")()


@pytest.fixture
def start(recommender, tmp_path):
    """Start a service and return a client of it: ``start(database, authenticate=..., ...)``."""
    with contextlib.ExitStack() as stack:

        def begin(database=None, *, model=recommender, **settings):
            url = database or f"sqlite:///{tmp_path / 'pecrs.db'}"
            chosen = ServerSettings(database=url, authenticate=False, requests_per_minute=0).model_copy(update=settings)
            return stack.enter_context(TestClient(create_app(model, chosen), raise_server_exceptions=False))

        yield begin


@pytest.fixture
def key():
    """Make a key in a database: ``key(url, "chat", ...)`` gives the header that carries it."""

    def make(url, *scopes):
        with Store(open_database(url)) as store:
            return {"Authorization": f"Bearer {store.add_key('a test', scopes)}"}

    return make
