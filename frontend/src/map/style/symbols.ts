// Point layers: one shape a kind, one character a type, priority by place in the stack (upper layers are placed first).
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { LayerSummary } from "../../api/types";
import { palettes } from "../../design/tokens";
import { symbolImage } from "../images";
import { tileBase, visibleIf } from "./tiles";
import type { MapState } from "./state";
import { BOLD, ITALIC, MEDIUM } from "./text";

/** Zooms where a symbol appears small and where it gets its character. */
const SMALL_FROM = 9.9;
const FULL_FROM = 11;
/** Drawn at every zoom: teams, and works whose failure is a disaster of its own. */
const ALWAYS = new Set(["rescue_team", "reservoir"]);
/** From the least to the most important. */
const GROUP_RANK: Record<string, number> = { base: 0, hazard: 1, capacity: 2, monitoring: 3 };
const LAYER_RANK: Record<string, number> = { rescue_team: 0.9, shelter: 0.5, supply_depot: 0.4 };

export function pointLayers(layers: LayerSummary[]): LayerSummary[] {
  const rank = (layer: LayerSummary): number => (GROUP_RANK[layer.style!.group] ?? 0) + (LAYER_RANK[layer.id] ?? 0);
  return layers
    .filter((layer) => layer.geometry === "point" && layer.style?.symbol && layer.style.symbol.shape !== "none")
    .sort((a, b) => rank(a) - rank(b));
}

export function iconOf(layer: LayerSummary): ExpressionSpecification {
  const symbol = layer.style!.symbol!;
  const plain = symbolImage(layer.id, symbol.character, "full");
  const byType = Object.entries(symbol.characters).flatMap(([value, character]) => [
    value,
    symbolImage(layer.id, character, "full"),
  ]);
  const full = symbol.character_field && byType.length ? ["match", ["get", symbol.character_field], ...byType, plain] : plain;
  return ["step", ["zoom"], symbolImage(layer.id, "", "small"), FULL_FROM, full] as unknown as ExpressionSpecification;
}

function settlementDot(layer: LayerSummary, state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const people: ExpressionSpecification = ["to-number", ["get", layer.style!.symbol!.size_field ?? ""], 0];
  const colours = map.symbols[layer.style!.symbol!.fill];
  return [
    {
      ...tileBase(layer),
      id: layer.id,
      type: "circle",
      minzoom: 10,
      layout: visibleIf(state, layer.id),
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 2, 12, ["min", 5.2, ["+", 2.2, ["/", ["sqrt", people], 9]]]],
        "circle-color": colours.fill,
        "circle-stroke-color": colours.ink,
        "circle-stroke-width": 1.4,
      },
    },
    {
      ...tileBase(layer),
      id: `${layer.id}-label`,
      type: "symbol",
      minzoom: 11.2,
      layout: {
        ...visibleIf(state, layer.id),
        "text-field": ["get", layer.tiles.label ?? "name"],
        "text-font": MEDIUM,
        "text-size": 12,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.7,
        "text-padding": 3,
        "symbol-sort-key": ["-", people],
      },
      paint: { "text-color": map.text2, "text-halo-color": map.halo, "text-halo-width": 1.7 },
    },
  ];
}

export function symbols(state: MapState): LayerSpecification[] {
  return pointLayers(state.layers).flatMap((layer): LayerSpecification[] => {
    if (layer.style!.symbol!.shape === "dot") return settlementDot(layer, state);
    return [
      {
        ...tileBase(layer),
        id: layer.id,
        type: "symbol",
        minzoom: ALWAYS.has(layer.id) ? layer.tiles.minzoom : SMALL_FROM,
        layout: {
          ...visibleIf(state, layer.id),
          "icon-image": iconOf(layer),
          "icon-padding": 1,
          "icon-allow-overlap": ["step", ["zoom"], false, 14, true],
        },
      },
    ];
  });
}

export function labels(state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const river = state.layers.find((layer) => layer.style?.line?.token === "water");
  const result: LayerSpecification[] = [];
  if (river) {
    result.push({
      ...tileBase(river),
      id: "river-label",
      type: "symbol",
      minzoom: 10.5,
      filter: [">=", ["to-number", ["get", "stream_order"], 0], 4],
      layout: {
        ...visibleIf(state, river.id),
        "symbol-placement": "line",
        "symbol-spacing": 420,
        "text-field": ["coalesce", ["get", river.tiles.label ?? "name"], ""],
        "text-font": ITALIC,
        "text-size": 12.5,
        "text-letter-spacing": 0.15,
      },
      paint: { "text-color": map.waterText, "text-halo-color": map.halo, "text-halo-width": 1.5 },
    });
  }
  result.push({
    id: "township-label",
    type: "symbol",
    source: "townshipLabels",
    minzoom: 8.4,
    layout: {
      ...visibleIf(state, "township"),
      "text-field": ["get", "name"],
      "text-font": BOLD,
      "text-size": ["interpolate", ["linear"], ["zoom"], 8.5, 12.5, 10, 15.5],
      "text-letter-spacing": 0.1,
      "text-padding": 6,
      "symbol-sort-key": ["-", ["to-number", ["get", "population_persons"], 0]],
      "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
      "text-radial-offset": 0.6,
    },
    paint: { "text-color": map.text, "text-halo-color": map.halo, "text-halo-width": 1.9 },
  });
  return result;
}
