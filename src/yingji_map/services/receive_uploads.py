"""Files handed in over HTTP, of features or of grids: taken one after the other, in the background."""

import hashlib
import logging
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from yingji_map.domain.errors import (
    IdempotencyKeyReused,
    ImportNotFound,
    ImportRefused,
    InvalidParameter,
    LayerNotFound,
    YingjiError,
)
from yingji_map.domain.idempotency import check_key
from yingji_map.domain.import_record import ImportRecord
from yingji_map.domain.upload import UploadState, UploadStatus
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.services.import_layer import ImportLayer, ImportRequest, Progress
from yingji_map.services.import_raster import ImportRaster, RasterImportRequest
from yingji_map.services.record_imports import RecordImports
from yingji_map.store.database import Store
from yingji_map.store.idempotency import KeyUse, claim_key, find_key
from yingji_map.store.imports import find_import, reserve_import_id

Upload = ImportRequest | RasterImportRequest
_OPERATION = "import"
_REMEMBERED = 200  # finished uploads that are answered from memory (a dry run is nowhere else)
_STALE_S = 24 * 3600
_MAX_NAME_BYTES = 200
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Board:
    """Where every upload of this process stands."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    entries: OrderedDict[int, UploadStatus] = field(default_factory=OrderedDict)

    def put(self, status: UploadStatus) -> None:
        with self.lock:
            self.entries[status.import_id] = status
            done = [n for n, s in self.entries.items() if s.state is not UploadState.RUNNING]
            for number in done[: max(0, len(done) - _REMEMBERED)]:
                del self.entries[number]

    def get(self, import_id: int) -> UploadStatus | None:
        with self.lock:
            return self.entries.get(import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveUploads:
    """Take uploads in, one at a time, so that reading a map never waits for importing one.

    Attributes
    ----------
    folder
        Where files lie until they are imported.
    max_bytes
        Greatest size of a file; who receives it stops reading there.
    """

    store: Store
    import_layer: ImportLayer
    import_raster: ImportRaster
    folder: Path
    max_bytes: int
    _board: _Board = field(default_factory=_Board)
    _worker: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="yingji-upload")
    )

    def close(self) -> None:
        """Let the running import end, drop the waiting ones."""
        self._worker.shutdown(cancel_futures=True)

    def check_layer(self, layer_id: str) -> None:
        """Refuse a layer that takes no files, before one is received for it.

        Raises
        ------
        LayerNotFound
            There is no such layer.
        """
        if layer_id not in self.import_layer.catalogue:
            raise LayerNotFound(layer=layer_id)

    def is_raster(self, layer_id: str) -> bool:
        """Return whether a layer takes grids."""
        definition = self.import_layer.catalogue.get(layer_id)
        return definition is not None and definition.is_raster

    @contextmanager
    def place_for(self, file_name: str) -> Iterator[Path]:
        """Yield where to write a file of this name; it is removed unless `start` took it over.

        Raises
        ------
        InvalidParameter
            It is no name of a file.
        """
        name = checked_name(file_name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remove_stale()
        place = Path(tempfile.mkdtemp(dir=self.folder)) / name
        try:
            yield place
        except BaseException:
            shutil.rmtree(place.parent, ignore_errors=True)
            raise

    def start(self, request: Upload, idempotency_key: str | None = None) -> UploadStatus:
        """Begin to import a file that was received; the same key and content begin it once.

        Raises
        ------
        IdempotencyKeyReused
            The key was used for another file or other options.
        """
        try:
            import_id = self._number_for(request, idempotency_key)
            known = self._find(import_id)
        except BaseException:
            shutil.rmtree(request.path.parent, ignore_errors=True)
            raise
        if known is not None:
            shutil.rmtree(request.path.parent, ignore_errors=True)
            return known
        status = UploadStatus(
            import_id=import_id,
            layer_id=request.layer_id,
            file_name=request.path.name,
            state=UploadState.RUNNING,
            step_zh="排队",
            step_en="Waiting",
        )
        self._board.put(status)
        self._worker.submit(self._import, replace(request, import_id=import_id), status)
        return status

    def status(self, import_id: int) -> UploadStatus:
        """Return where an import stands, running or long done.

        Raises
        ------
        ImportNotFound
            No import has this number, or it was cut off before it had written anything.
        """
        found = self._find(import_id)
        if found is None:
            raise ImportNotFound(import_id=import_id)
        return found

    def _find(self, import_id: int) -> UploadStatus | None:
        known = self._board.get(import_id)
        if known is not None:
            return known
        with self.store.read() as tx:
            record = find_import(tx, import_id)
        return None if record is None else status_of(record)

    def _number_for(self, request: Upload, idempotency_key: str | None) -> int:
        with self.store.transaction() as tx:
            number = reserve_import_id(tx)
            if idempotency_key is None:
                return number
            key = check_key(idempotency_key)
            digest = _digest(request)
            kept = find_key(tx, _OPERATION, key) or claim_key(
                tx, _OPERATION, KeyUse(key=key, body_hash=digest, result_id=str(number))
            )
        if kept.body_hash != digest:
            raise IdempotencyKeyReused(key=key)
        # The number of the first attempt: were it cut off, this one takes its place.
        return int(kept.result_id)

    def _import(self, request: Upload, status: UploadStatus) -> None:
        def progress(zh: str, en: str) -> None:
            self._board.put(replace(status, step_zh=zh, step_en=en))

        try:
            report = self._taken(request, progress)
            state = UploadState.ACCEPTED
        except ImportRefused as refusal:
            report, state = dict(_report_of(refusal)), UploadState.REFUSED
        except YingjiError as error:
            report, state = self._unfit(request, error), UploadState.REFUSED
        except Exception:  # noqa: BLE001 - the outermost loop of this thread
            _log.exception("upload.failed import_id=%s", status.import_id)
            report, state = _FAULT, UploadState.REFUSED
        finally:
            shutil.rmtree(request.path.parent, ignore_errors=True)
        self._board.put(replace(status, state=state, report=report, step_zh="", step_en=""))

    def _taken(self, request: Upload, progress: Progress) -> dict[str, object]:
        if isinstance(request, RasterImportRequest):
            return self.import_raster.run_all(request, progress).document()
        return self.import_layer.run(request, progress).document()

    def _unfit(self, request: Upload, error: YingjiError) -> dict[str, object]:
        carried = error.fields.get("report")
        if isinstance(carried, dict):
            return carried
        definition = self.import_layer.catalogue[request.layer_id]
        if not request.is_dry_run and request.import_id is not None:
            with self.store.read() as tx:
                is_recorded = find_import(tx, request.import_id) is not None
            if not is_recorded:
                records = RecordImports(store=self.store)
                records.unreadable(definition, request.path, error, request.import_id)
        return {
            "file": request.path.name,
            "layer": definition.id,
            "code": error.code,
            "reason": {"zh": error.text("zh"), "en": error.text("en")},
        }

    def _remove_stale(self) -> None:
        """Remove what a killed process left behind."""
        oldest = time.time() - _STALE_S
        for left in self.folder.iterdir():
            if left.stat().st_mtime < oldest:
                shutil.rmtree(left, ignore_errors=True)


def status_of(record: ImportRecord) -> UploadStatus:
    """Return where an import on record stands."""
    return UploadStatus(
        import_id=record.import_id,
        layer_id=record.layer_id,
        file_name=record.file_name,
        state=UploadState.ACCEPTED if record.is_accepted else UploadState.REFUSED,
        report=record.report,
    )


def checked_name(name: str) -> str:
    """Return the last part of a file name as clients send it.

    Raises
    ------
    InvalidParameter
        Nothing that could name a file is left.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    is_fit = last.isprintable() and 0 < len(last.encode("utf-8", "replace")) <= _MAX_NAME_BYTES
    if not is_fit or last.startswith(".") or "." not in last:
        raise InvalidParameter(
            parameter="file",
            value=name[:80],
            reason_zh="要有带扩展名的文件名，如 shelters.xlsx",
            reason_en="a file name with its ending is needed, such as shelters.xlsx",
        )
    return last


_FAULT: dict[str, object] = {
    "code": "internal-error",
    "reason": {
        "zh": "服务内部出错，已记录；没有写入任何数据",
        "en": "Internal error; it was logged",
    },
}


def _report_of(refusal: ImportRefused) -> dict[str, object]:
    report = refusal.fields["report"]
    assert isinstance(report, dict)  # noqa: S101 - what `ImportLayer` puts there
    return report


def _digest(request: Upload) -> str:
    options = [
        f"{f.name}={getattr(request, f.name)}"
        for f in fields(request)
        if f.name not in {"path", "import_id"}
    ]
    text = "\n".join([request.path.name, sha256_of(request.path), *options])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
