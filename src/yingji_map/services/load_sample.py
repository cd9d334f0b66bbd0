"""The sample county into an empty store, file by file in the order of its manifest."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.layer import LayerDefinition
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.services.import_raster import ImportRaster, RasterImportRequest

Progress = Callable[[str, str], None]
# Before the storm of the sample, so that its runs find the county as it was then.
_TRUE_SINCE = datetime.fromisoformat("2026-01-01T00:00:00+08:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSample:
    """Import what the generator wrote through the same doors that users use."""

    catalogue: dict[str, LayerDefinition]
    import_layer: ImportLayer
    import_raster: ImportRaster

    def run(self, folder: Path, progress: Progress) -> None:
        """Import every file of the manifest in `folder`; importing again changes nothing.

        Raises
        ------
        UnreadableFile
            There is no manifest, or it is not one.
        """
        manifest = folder / "manifest.json"
        try:
            files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError) as error:
            zh, en = "不是样例数据的清单", "not a manifest of sample data"
            raise UnreadableFile(file=str(manifest), reason_zh=zh, reason_en=en) from error
        for number, entry in enumerate(files, start=1):
            definition = self.catalogue[entry["layer"]]
            place = f"[{number}/{len(files)}]"
            progress(
                f"{place} 导入 {definition.title.zh}", f"{place} Importing {definition.title.en}"
            )
            self._import(definition, folder / entry["path"], entry["valid_at"])
        self.import_raster.followers.run(progress=progress)  # what waited for the rivers

    def _import(self, definition: LayerDefinition, path: Path, valid_at: str | None) -> None:
        if definition.is_raster:
            moment = datetime.fromisoformat(valid_at) if valid_at else None
            self.import_raster.run(
                RasterImportRequest(path=path, layer_id=definition.id, valid_at=moment)
            )
        else:
            self.import_layer.run(
                ImportRequest(path=path, layer_id=definition.id, valid_from=_TRUE_SINCE)
            )
