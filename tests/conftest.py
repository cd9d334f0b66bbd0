"""Fixtures every floor uses: a real PostGIS, a fresh database per module, a rolled-back connection per test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, create_engine, text

from tests.support.sample import cached_sample
from yingji_map.store.cluster import Cluster
from yingji_map.store.database import Store, open_store
from yingji_map.store.schema import upgrade_schema

ROOT = Path(__file__).parents[1]
_SLOW_DATABASE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
settings.register_profile(
    "dev", max_examples=50, deadline=None, suppress_health_check=_SLOW_DATABASE
)
settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, suppress_health_check=_SLOW_DATABASE
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """Address of a throw-away server without durability."""
    with tempfile.TemporaryDirectory(prefix="yj", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server runs as another user when the tests run as root
        cluster = Cluster(
            home=Path(folder) / "pg", extra_settings="fsync = off\nsynchronous_commit = off\n"
        )
        with cluster.running() as url:
            yield url


@pytest.fixture(scope="session")
def template(cluster_url: str) -> str:
    """Name of a database with the newest schema, to be cloned."""
    engine = create_engine(cluster_url)
    upgrade_schema(engine, ROOT / "migrations")
    engine.dispose()
    return "yingji"


@pytest.fixture(scope="module")
def database_url(cluster_url: str, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a fresh database for this module."""
    name = f"t_{abs(hash(request.node.nodeid))}"
    admin = create_engine(
        cluster_url.replace("/yingji?", "/postgres?"), isolation_level="AUTOCOMMIT"
    )
    _administer(admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield cluster_url.replace("/yingji?", f"/{name}?")
    _administer(admin, f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture(scope="module")
def store(database_url: str) -> Iterator[Store]:
    """Open a store on this module's database."""
    store = open_store(database_url)
    yield store
    store.dispose()


@pytest.fixture
def tx(store: Store) -> Iterator[Connection]:
    """Lend a connection whose changes vanish after the test."""
    with store.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture(scope="session")
def sample_dir() -> Path:
    """Folder with the sample county (`manifest.json` and its files); do not write into it."""
    return cached_sample()


def _administer(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))
