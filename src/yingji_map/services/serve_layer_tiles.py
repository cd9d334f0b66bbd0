"""A tile of a layer as compressed bytes, always of the layer's present state."""

import hashlib
from dataclasses import dataclass, field

from yingji_map.domain.errors import LayerNotFound
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.tile import TileAddress
from yingji_map.domain.tile_view import TileView
from yingji_map.services.compressed import CompressedBody, compress
from yingji_map.services.find_features import is_served
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states
from yingji_map.store.tiles import (
    LayerTileQuery,
    LayerView,
    encode_layer_tile,
    find_layer_view,
    layer_tile_query,
)

_METHOD = "layer-tile-1"  # part of every tag: a change of the encoding must reach the clients


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTileset:
    """What a client must know before it asks for tiles; `bounds` is None for an empty layer."""

    definition: LayerDefinition
    properties: tuple[str, ...]
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeLayerTiles:
    """Make tiles once per state of their layer and hand out the same bytes until it changes.

    Every request looks the layer's state up (one primary-key row), so that the first tile after
    an import is a new one whichever process imported, and a restarted database costs nothing.
    """

    store: Store
    catalogue: dict[str, LayerDefinition]
    cache: SingleFlightCache[tuple[str, str, TileAddress], CompressedBody]
    queries: dict[str, LayerTileQuery] = field(default_factory=dict)
    views: dict[str, LayerView] = field(default_factory=dict)

    def tileset(self, layer_id: str) -> LayerTileset:
        """Describe the tiles of a layer.

        Raises
        ------
        LayerNotFound
            There is no such layer with tiles.
        """
        query = self._query(layer_id)
        with self.store.read() as tx:
            state = find_layer_states(tx).get(layer_id)
        return LayerTileset(
            definition=self.catalogue[layer_id],
            properties=query.properties,
            bounds=state.bounds if state else None,
        )

    def definition(self, layer_id: str) -> LayerDefinition:
        """Return the definition of a layer with tiles, or refuse with `LayerNotFound`."""
        self._query(layer_id)
        return self.catalogue[layer_id]

    def tag(self, layer_id: str, only: TileView | None = None) -> str:
        """Return the tag that all tiles of a layer, seen in a view, have now.

        Raises
        ------
        LayerNotFound
            There is no such layer with tiles.
        """
        query = self._query(layer_id)
        with self.store.read() as tx:
            view = find_layer_view(tx, query, self.views.get(layer_id))
        return self._tag(query, view, only)

    def tile(
        self, layer_id: str, tile: TileAddress, tag: str, only: TileView | None = None
    ) -> CompressedBody:
        """Return one tile; `tag` is what `tag()` just answered for the same view."""
        return self.cache.get((layer_id, tag, tile), lambda: self._make(layer_id, tile, only))

    def _make(self, layer_id: str, tile: TileAddress, only: TileView | None) -> CompressedBody:
        query = self._query(layer_id)
        if only is not None:
            query = layer_tile_query(self.catalogue[layer_id], only)
        with self.store.read() as tx:
            # Read again in the same view as the rows: an import may have landed in between.
            view = find_layer_view(tx, query, self.views.get(layer_id))
            encoded = encode_layer_tile(tx, query, tile)
        return compress(self._tag(query, view, only), encoded)

    def _query(self, layer_id: str) -> LayerTileQuery:
        query = self.queries.get(layer_id)
        if query is None:
            definition = self.catalogue.get(layer_id)
            if definition is None or not is_served(definition):
                raise LayerNotFound(layer=layer_id)
            query = self.queries[layer_id] = layer_tile_query(definition)
        return query

    def _tag(self, query: LayerTileQuery, view: LayerView | None, only: TileView | None) -> str:
        if view is None:
            raise LayerNotFound(layer=query.layer_id)
        self.views[query.layer_id] = view
        words = () if only is None else only.words
        facts = repr((_METHOD, query.properties, view, *words))
        return hashlib.blake2b(facts.encode(), digest_size=12).hexdigest()
