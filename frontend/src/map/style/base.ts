// The quiet base: land, relief, water, roads, borders. No colour here may be taken for a level.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { LayerSummary } from "../../api/types";
import { palettes, type MapPalette } from "../../design/tokens";
import { tileBase, visibleIf } from "./tiles";
import type { MapState } from "./state";

export const DEM_SOURCE = "dem";

export function land(state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const layers: LayerSpecification[] = [{ id: "land", type: "background", paint: { "background-color": map.land } }];
  if (state.terrainBounds) {
    layers.push({
      id: "land-height",
      type: "color-relief",
      source: DEM_SOURCE,
      paint: { "color-relief-color": ["interpolate", ["linear"], ["elevation"], 300, map.land, 2200, map.landHigh] },
    });
  }
  return layers;
}

/** Stands above the risk fill: slopes stay readable through red. */
export function relief(state: MapState): LayerSpecification[] {
  if (!state.terrainBounds) return [];
  const { map } = palettes[state.theme];
  return [
    {
      id: "hillshade",
      type: "hillshade",
      source: DEM_SOURCE,
      paint: {
        "hillshade-method": "multidirectional",
        "hillshade-illumination-direction": [315, 270, 0, 225],
        "hillshade-illumination-altitude": [45, 38, 38, 38],
        "hillshade-shadow-color": [map.shadow, map.shadow, map.shadow, map.shadow],
        "hillshade-highlight-color": [map.light, map.light, map.light, map.light],
        "hillshade-illumination-anchor": "map",
        "hillshade-exaggeration": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 11, 0.42, 14, 0.25],
      },
    },
  ];
}

function widthOf(layer: LayerSummary, extra: number): ExpressionSpecification {
  const line = layer.style!.line!;
  const classes = Object.entries(line.class_widths_px);
  const at = (scale: number): unknown => {
    if (!line.class_field || classes.length === 0) return line.width_px * scale + extra;
    const cases = classes.flatMap(([value, width]) => [value, round(width * scale + extra)]);
    return ["match", ["to-string", ["get", line.class_field]], ...cases, round(line.width_px * scale + extra)];
  };
  return ["interpolate", ["linear"], ["zoom"], 8, at(0.55), 10, at(0.9), 13, at(1.25)] as unknown as ExpressionSpecification;
}

/** The colour of a line by its field's value, where the declaration tells values apart. */
function lineColour(layer: LayerSummary, map: MapPalette, suffix = ""): string | ExpressionSpecification {
  const line = layer.style!.line!;
  const colour = (token: string): string => map.tokens[token + suffix] ?? map.text2;
  const classes = Object.entries(line.class_tokens ?? {});
  if (!line.class_field || classes.length === 0) return colour(line.token);
  const cases = classes.flatMap(([value, token]) => [value, colour(token)]);
  return ["match", ["get", line.class_field], ...cases, colour(line.token)] as unknown as ExpressionSpecification;
}

const MINOR = "road-minor";

function roads(layer: LayerSummary, state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const line = layer.style!.line!;
  const field = line.class_field ?? "road_class";
  const minor = Object.entries(line.class_tokens ?? {}).flatMap(([value, token]) => (token === MINOR ? [value] : []));
  const isMinor: ExpressionSpecification = ["in", ["get", field], ["literal", minor]];
  const common = { ...tileBase(layer), layout: { ...visibleIf(state, layer.id), "line-join": "round", "line-cap": "round" } } as const;
  return [
    {
      ...common,
      id: "road-minor",
      type: "line",
      minzoom: 10.5,
      filter: isMinor,
      paint: { "line-color": map.tokens[MINOR] ?? map.text2, "line-width": ["interpolate", ["linear"], ["zoom"], 10.5, 0.6, 13, 1.4] },
    },
    {
      ...common,
      id: "road-casing",
      type: "line",
      filter: ["!", isMinor],
      paint: { "line-color": lineColour(layer, map, "-casing"), "line-width": widthOf(layer, line.casing_px ?? 0) },
    },
    {
      ...common,
      id: "road-main",
      type: "line",
      filter: ["!", isMinor],
      paint: { "line-color": lineColour(layer, map), "line-width": widthOf(layer, 0) },
    },
  ];
}

function border(layer: LayerSummary, state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const line = layer.style!.line!;
  const common = { ...tileBase(layer), layout: { ...visibleIf(state, layer.id), "line-join": "round" } } as const;
  const main: LayerSpecification = {
    ...common,
    id: layer.id,
    type: "line",
    paint: {
      "line-color": lineColour(layer, map),
      "line-width": line.width_px * 1.1,
      ...(line.dash.length ? { "line-dasharray": line.dash } : {}),
    },
  };
  const halo = map.tokens[`${line.token}-casing`];
  if (!halo || !line.casing_px) return [main];
  return [
    { ...common, id: `${layer.id}-halo`, type: "line", paint: { "line-color": halo, "line-width": line.width_px + line.casing_px } },
    main,
  ];
}

/** Water, other fills and lines, roads, then borders; unknown layers are drawn from their own declaration. */
export function linework(state: MapState): { under: LayerSpecification[]; borders: LayerSpecification[] } {
  const under: LayerSpecification[] = [];
  const borders: LayerSpecification[] = [];
  const { map } = palettes[state.theme];
  for (const layer of state.layers) {
    const line = layer.style?.line;
    if (!line) continue;
    if (line.token.startsWith("road")) under.push(...roads(layer, state));
    else if (line.token.endsWith("border")) borders.push(...border(layer, state));
    else {
      under.splice(under.findIndex((item) => item.id.startsWith("road")) >>> 0, 0, {
        ...tileBase(layer),
        id: layer.id,
        type: "line",
        layout: { ...visibleIf(state, layer.id), "line-join": "round", "line-cap": line.dash.length ? "butt" : "round" },
        paint: {
          "line-color": lineColour(layer, map),
          "line-width": widthOf(layer, 0),
          ...(line.dash.length ? { "line-dasharray": line.dash } : {}),
        },
      });
    }
  }
  // The county's line lies over the townships'.
  borders.sort((a, b) => Number(a.id.startsWith("county")) - Number(b.id.startsWith("county")));
  return { under, borders };
}

/** Areas lie under the risk fill: they are ground, not level. */
export function areas(state: MapState): LayerSpecification[] {
  return state.layers.filter((layer) => layer.style?.fill).map((layer) => area(layer, state));
}

function area(layer: LayerSummary, state: MapState): LayerSpecification {
  const fill = layer.style!.fill!;
  const { map } = palettes[state.theme];
  return {
    ...tileBase(layer),
    id: `${layer.id}-fill`,
    type: "fill",
    layout: visibleIf(state, layer.id),
    paint: { "fill-color": map.tokens[fill.token] ?? map.text2, "fill-opacity": fill.opacity },
  };
}

/** Beyond the elevation model its edge pixels are repeated; plain land hides the streaks. */
export function terrainEdge(state: MapState): LayerSpecification[] {
  if (!state.terrainBounds) return [];
  const { map } = palettes[state.theme];
  return [{ id: "terrain-edge", type: "fill", source: "terrainEdge", paint: { "fill-color": map.land, "fill-antialias": false } }];
}

export function veil(state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  return [{ id: "veil", type: "fill", source: "veil", paint: { "fill-color": map.veil, "fill-antialias": false } }];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
