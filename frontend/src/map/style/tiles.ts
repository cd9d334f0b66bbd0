// Vector tiles of declared layers.
import type { SourceSpecification } from "maplibre-gl";
import type { LayerSummary } from "../../api/types";
import type { MapState } from "./state";

export function hasTiles(layer: LayerSummary): boolean {
  return layer.geometry !== "raster" && layer.count > 0 && layer.style !== null;
}

export function tileSource(layer: LayerSummary, state: MapState): SourceSpecification {
  // The version is in the address, so that a new import is seen although tiles are cached.
  return {
    type: "vector",
    tiles: [`${state.origin}/tiles/${layer.id}/{z}/{x}/{y}.pbf?v=${layer.version}`],
    minzoom: layer.tiles.minzoom,
    maxzoom: layer.tiles.maxzoom,
    ...(layer.bounds ? { bounds: layer.bounds } : {}),
  };
}

export function tileBase(layer: LayerSummary): { source: string; "source-layer": string } {
  return { source: layer.id, "source-layer": layer.id };
}

export function visibleIf(state: MapState, id: string): { visibility: "visible" | "none" } {
  return { visibility: state.hidden.includes(id) ? "none" : "visible" };
}
