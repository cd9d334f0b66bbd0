"""A layer as of any time → a file."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yingji_map.domain.errors import LayerNotFound, NotReady
from yingji_map.domain.layer import LayerDefinition
from yingji_map.publish.vector_file import write_vector_file
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.layers import find_layer_states


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Which layer goes where.

    Attributes
    ----------
    at, known_at
        Valid time and time of knowledge; None means now.
    with_private
        Private fields (people in charge, telephones) go along.
    """

    layer_id: str
    path: Path
    at: datetime | None = None
    known_at: datetime | None = None
    with_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLayer:
    """Hand a layer out as GeoJSON or GeoPackage."""

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(self, request: ExportRequest) -> int:
        """Write the file and return how many features it holds.

        Raises
        ------
        LayerNotFound
            There is no such vector layer.
        NotReady
            Nothing was ever imported into it.
        InvalidParameter
            The format is unknown.
        """
        definition = self.catalogue.get(request.layer_id)
        if definition is None or definition.is_raster:
            raise LayerNotFound(layer=request.layer_id)
        fields = definition.fields if request.with_private else definition.public_fields
        names = tuple(field.name for field in fields)
        with self.store.read() as tx:
            if request.layer_id not in find_layer_states(tx):
                raise NotReady(
                    what_zh=f"图层“{definition.title.zh}”的数据",
                    what_en=f"data of layer “{definition.title.en}”",
                    fix=f"yingji layer import {definition.id} FILE",
                )
            table = read_features(
                tx, definition, columns=names, at=request.at, known_at=request.known_at
            )
        write_vector_file(request.path, definition, table, names)
        return len(table)
