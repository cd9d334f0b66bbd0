"""How every command reaches the application: settings, embedded server, schema, errors as exit codes."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import typer
from rich.console import Console

from yingji_map.bootstrap import Application, build
from yingji_map.domain.errors import Unavailable, YingjiError
from yingji_map.domain.warning import IssuerProfile
from yingji_map.services.check_editor import CheckEditor
from yingji_map.settings import Settings
from yingji_map.store.cluster import Cluster
from yingji_map.store.schema import upgrade_schema

EXIT_REFUSED = 1
EXIT_UNAVAILABLE = 3
progress_console = Console(stderr=True, highlight=False)


def language() -> str:
    """Return the reader's language: Chinese unless the locale says English."""
    chosen = (
        os.environ.get("YINGJI_LANGUAGE")
        or os.environ.get("LC_ALL")
        or os.environ.get("LANG")
        or ""
    )
    return "en" if chosen.lower().startswith("en") else "zh"


def say(zh: str, en: str) -> None:
    """Report progress on standard error, so that `--json` on standard output stays clean."""
    progress_console.print(f"▸ {zh if language() == 'zh' else en}")


def print_json(document: object) -> None:
    """Print a document for programs to read."""
    print(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def embedded_cluster(settings: Settings) -> Cluster:
    """Return the private cluster of the data folder."""
    return Cluster(home=settings.data_dir / "postgres", progress=say)


@contextmanager
def database_address(settings: Settings) -> Iterator[str]:
    """Yield the address of the store, starting the embedded server when none is configured."""
    if settings.database.url is not None:
        yield settings.database.url.get_secret_value()
        return
    with embedded_cluster(settings).running() as url:
        yield url


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Application]:
    """Yield the application on an up-to-date schema; everything started here is stopped at the end."""
    chosen = settings or Settings()
    with database_address(chosen) as url:
        application = build(
            url=url,
            layers_dir=chosen.layers_dir,
            data_dir=chosen.data_dir,
            pool_size=chosen.database.pool_size,
            issuer=IssuerProfile(**chosen.issuer.model_dump()),
            editors=CheckEditor.of(chosen.editing.token),
            max_upload_bytes=chosen.imports.max_bytes,
            keep_runs=chosen.risk.keep_runs,
        )
        try:
            with application.store.read():
                pass  # a server that does not answer is a refusal here, not a traceback below
            upgrade_schema(application.store.engine, chosen.migrations_dir)
            yield application
        finally:
            application.close()


@contextmanager
def refusals_as_exit_codes() -> Iterator[None]:
    """Turn a refusal into one sentence on standard error and the promised exit code."""
    try:
        yield
    except YingjiError as error:
        title = error.title_zh if language() == "zh" else error.title_en
        print(f"✗ {title}（{error.code}）\n  {error.text(language())}", file=sys.stderr)
        code = EXIT_UNAVAILABLE if isinstance(error, Unavailable) else EXIT_REFUSED
        sys.exit(code)


def existing_file(path: Path) -> Path:
    """Return `path` when there is a file, else refuse as wrong usage."""
    if not path.is_file():
        message = f"没有这个文件：{path} / no such file"
        raise typer.BadParameter(message)
    return path


def existing_source(path: Path) -> Path:
    """Return `path` when there is a file or a folder (a geodatabase is one), else refuse."""
    return path if path.is_dir() else existing_file(path)
