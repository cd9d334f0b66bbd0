// What a task draws over the map: routes, the zone of a warning, the selection.
import type { LayerSpecification } from "maplibre-gl";
import { palettes } from "../../design/tokens";
import { HANDLE_IMAGE, PIN_IMAGE } from "../images";
import type { MapState } from "./state";
import { BOLD } from "./text";

const kindIs = (kind: string): ["==", ["get", string], string] => ["==", ["get", "kind"], kind];

export function routes(state: MapState): LayerSpecification[] {
  const palette = palettes[state.theme];
  const common = { source: "routes", layout: { "line-join": "round", "line-cap": "round" } } as const;
  return [
    {
      ...common,
      id: "route-other",
      type: "line",
      filter: ["all", kindIs("route"), ["!", ["get", "isChosen"]]],
      paint: { "line-color": palette.analysis, "line-width": 2.4, "line-opacity": 0.55 },
    },
    {
      ...common,
      id: "route-casing",
      type: "line",
      filter: ["all", kindIs("route"), ["get", "isChosen"]],
      paint: { "line-color": palette.map.selectionCasing, "line-width": 8.5 },
    },
    {
      ...common,
      id: "route",
      type: "line",
      filter: ["all", kindIs("route"), ["get", "isChosen"]],
      paint: { "line-color": palette.analysis, "line-width": 5 },
    },
    {
      ...common,
      id: "route-snap",
      type: "line",
      filter: kindIs("snap"),
      paint: { "line-color": palette.analysis, "line-width": 3, "line-dasharray": [0.1, 2.2] },
    },
  ];
}

export function zone(state: MapState): LayerSpecification[] {
  const palette = palettes[state.theme];
  const colour = state.zoneLevel ? palette.risk[state.zoneLevel] : palette.map.selectionCasing;
  const common = { source: "zone", layout: { "line-join": "round" } } as const;
  const ring = kindIs("zone");
  return [
    {
      id: "zone-fill",
      type: "fill",
      source: "zone",
      filter: ["any", kindIs("zone"), kindIs("sketch")],
      paint: { "fill-color": state.zoneLevel ? colour : palette.map.selection, "fill-opacity": 0.07 },
    },
    { ...common, id: "zone-casing", type: "line", filter: ring, paint: { "line-color": palette.map.selectionCasing, "line-width": 7 } },
    { ...common, id: "zone-ink", type: "line", filter: ring, paint: { "line-color": palette.map.selection, "line-width": 4.4 } },
    {
      ...common,
      id: "zone-level",
      type: "line",
      filter: ring,
      paint: { "line-color": colour, "line-width": 2.8, "line-dasharray": [4.3, 2.5] },
    },
    {
      ...common,
      id: "zone-crossing",
      type: "line",
      filter: kindIs("crossing"),
      paint: { "line-color": palette.map.selection, "line-width": 8 },
    },
    {
      id: "zone-crossing-label",
      type: "symbol",
      source: "zone",
      filter: kindIs("crossing-point"),
      layout: { "text-field": "边界自交", "text-font": BOLD, "text-size": 13, "text-offset": [0, -1.2], "text-allow-overlap": true },
      paint: { "text-color": palette.map.text, "text-halo-color": palette.map.halo, "text-halo-width": 2 },
    },
  ];
}

/** Handles lie over the symbols: what is dragged must be seen. */
export function zoneHandles(state: MapState): LayerSpecification[] {
  const palette = palettes[state.theme];
  return [
    {
      id: "zone-midpoints",
      type: "circle",
      source: "zone",
      filter: kindIs("midpoint"),
      paint: {
        "circle-radius": 4,
        "circle-color": palette.map.selectionCasing,
        "circle-stroke-color": palette.map.selection,
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: "zone-vertices",
      type: "symbol",
      source: "zone",
      filter: kindIs("vertex"),
      layout: { "icon-image": HANDLE_IMAGE, "icon-allow-overlap": true, "icon-ignore-placement": true },
    },
  ];
}

export function highlight(state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const common = { source: "highlight", layout: { "line-join": "round" } } as const;
  return [
    { ...common, id: "highlight-casing", type: "line", paint: { "line-color": map.selectionCasing, "line-width": 6 } },
    { ...common, id: "highlight", type: "line", paint: { "line-color": map.selection, "line-width": 2.4 } },
  ];
}

export function selection(state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const common = { source: "selection" } as const;
  const line = { layout: { "line-join": "round" } } as const;
  return [
    { ...common, ...line, id: "selection-casing", type: "line", filter: kindIs("cell"), paint: { "line-color": map.selectionCasing, "line-width": 7 } },
    { ...common, ...line, id: "selection", type: "line", filter: kindIs("cell"), paint: { "line-color": map.selection, "line-width": 3 } },
    {
      ...common,
      id: "selection-point-casing",
      type: "circle",
      filter: kindIs("point"),
      paint: { "circle-radius": 15, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": 7, "circle-stroke-color": map.selectionCasing },
    },
    {
      ...common,
      id: "selection-point",
      type: "circle",
      filter: kindIs("point"),
      paint: { "circle-radius": 17, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": 3, "circle-stroke-color": map.selection },
    },
  ];
}

/** Symbols of answers lie over everything and are never dropped for want of room. */
export function answers(state: MapState): LayerSpecification[] {
  const { map } = palettes[state.theme];
  const always = { "icon-allow-overlap": true, "icon-ignore-placement": true } as const;
  return [
    {
      id: "answer-symbols",
      type: "symbol",
      source: "routes",
      filter: kindIs("answer"),
      layout: {
        ...always,
        "icon-image": ["get", "icon"],
        "icon-size": ["case", ["get", "isChosen"], 1.35, 1],
        "text-field": ["get", "label"],
        "text-font": BOLD,
        "text-size": 13.5,
        "text-max-width": 20,
        "text-offset": [0, -1.7],
        "text-anchor": "bottom",
        "text-optional": true,
        "symbol-sort-key": ["get", "rank"],
      },
      paint: { "text-color": map.text, "text-halo-color": map.halo, "text-halo-width": 2 },
    },
    {
      id: "origin-pin",
      type: "symbol",
      source: "routes",
      filter: kindIs("origin"),
      layout: { ...always, "icon-image": PIN_IMAGE, "icon-anchor": "bottom" },
    },
  ];
}
