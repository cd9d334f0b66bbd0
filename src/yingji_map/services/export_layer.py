"""A layer, or what a question picks of it, as of any time → a file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore

from shapely.geometry.base import BaseGeometry

from yingji_map.domain.download import FileForm
from yingji_map.domain.errors import DownloadAbandoned, DownloadTooLarge, LayerNotFound, NotReady
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.query import FeatureQuery
from yingji_map.publish.vector_file import format_of, write_vector_file
from yingji_map.store.database import Store
from yingji_map.store.extracts import count_extract, read_extract
from yingji_map.store.layers import find_layer_states

_MAX_FEATURES = 500_000
_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Which features go where, and how.

    Attributes
    ----------
    query
        What is asked of the layer; its page and order do not matter.
    zone
        Polygon in EPSG:4490 that features must touch; None is everywhere.
    form
        None is what the ending of the path picks, in CGCS2000 degrees.
    with_private
        Private fields (people in charge, telephones) go along.
    is_wanted
        Asked between the steps: False means that nobody waits for the file any more.
    """

    layer_id: str
    path: Path
    query: FeatureQuery = field(default_factory=FeatureQuery)
    zone: BaseGeometry | None = None
    form: FileForm | None = None
    with_private: bool = False
    is_wanted: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLayer:
    """Hand a layer out in a format that any GIS or office program opens.

    The whole file is made in memory before it is written, so only a few are made at a time.
    """

    store: Store
    catalogue: dict[str, LayerDefinition]
    max_features: int = _MAX_FEATURES
    turns: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    def run(self, request: ExportRequest) -> int:
        """Write the file and return how many features it holds.

        Raises
        ------
        LayerNotFound
            There is no such vector layer.
        NotReady
            Nothing was ever imported into it.
        InvalidParameter
            The format is unknown, or cannot hold what the layer has.
        DownloadTooLarge
            More features are asked for than one file may hold.
        DownloadAbandoned
            Nobody waits for the file any more.
        """
        definition = self.catalogue.get(request.layer_id)
        if definition is None or definition.is_raster:
            raise LayerNotFound(layer=request.layer_id)
        form = request.form or FileForm(format=format_of(request.path))
        fields = definition.fields if request.with_private else definition.public_fields
        names = tuple(field.name for field in fields)
        with self.turns:
            _stop_unless(request)
            with self.store.read() as tx:
                if request.layer_id not in find_layer_states(tx):
                    raise NotReady(
                        what_zh=f"图层“{definition.title.zh}”的数据",
                        what_en=f"data of layer “{definition.title.en}”",
                        fix=f"yingji layer import {definition.id} FILE",
                    )
                count = count_extract(tx, definition, request.query, request.zone)
                if count > self.max_features:
                    raise DownloadTooLarge(
                        layer=definition.id, count=count, limit=self.max_features
                    )
                _stop_unless(request)
                table = read_extract(tx, definition, request.query, request.zone, names)
            _stop_unless(request)
            write_vector_file(request.path, definition, table, names, form)
        return len(table)


def _stop_unless(request: ExportRequest) -> None:
    if not request.is_wanted():
        raise DownloadAbandoned(layer=request.layer_id)
