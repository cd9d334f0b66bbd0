"""Importers as processes of their own, that can be killed at any moment."""

import multiprocessing
import os
import sys
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.support.builders import a_definition
from yingji_map.domain.errors import StoreUnavailable
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.database import open_store

WELL = a_definition()
EXIT_UNAVAILABLE = 3
# One server process imports everything once and forks: an importer then starts in milliseconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.support.importers"])


def start_import(url: str, path: Path, *, stage: str = "Reading") -> BaseProcess:
    """Start to replace the layer `well` by a file; returns when it says that it is at `stage`."""
    _start_server()
    here, there = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_import_file, args=(url, path, stage, there))
    process.start()
    there.close()
    here.recv()
    here.close()
    return process


def _start_server() -> None:
    """Start the server that forks, once, with the very modules that this process uses."""
    before = dict(os.environ)
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _import_file(url: str, path: Path, stage: str, ready: Connection) -> None:
    store = open_store(url, pool_size=1)
    importer = ImportLayer(store=store, catalogue={"well": WELL})
    request = ImportRequest(path=path, layer_id="well", is_replacing=path.stem != "part")

    def progress(_zh: str, en: str) -> None:
        if en.startswith(stage):
            ready.send(stage)

    try:
        importer.run(request, progress)
    except StoreUnavailable:
        sys.exit(EXIT_UNAVAILABLE)
