// The address bar holds the view: a link shows the same map, run and selection to someone else.
export type Mode = "analysis" | "dispatch" | "warning";

const MODE_WORDS: Record<Mode, string> = { analysis: "分析", dispatch: "调度", warning: "预警台" };

export interface CellRef {
  kind: "cell";
  cell: string;
}
export interface FeatureRef {
  kind: "feature";
  layer: string;
  id: string;
}
export interface TownshipRef {
  kind: "township";
  code: string;
}
export type SelectionRef = CellRef | FeatureRef | TownshipRef;

export interface Camera {
  lon: number;
  lat: number;
  zoom: number;
}

export interface UrlState {
  mode: Mode;
  hazard: string | null;
  run: string | null;
  selection: SelectionRef | null;
  camera: Camera | null;
  /** Layers that the user switched off, and those he switched on although they are hidden at first. */
  off: string[];
  on: string[];
}

export function readUrl(search: string): UrlState {
  const parameters = new URLSearchParams(search);
  const word = parameters.get("m");
  const mode = (Object.keys(MODE_WORDS) as Mode[]).find((key) => MODE_WORDS[key] === word);
  return {
    mode: mode ?? "analysis",
    hazard: parameters.get("hazard"),
    run: parameters.get("run"),
    selection: parseSelection(parameters.get("sel")),
    camera: parseCamera(parameters.get("view")),
    off: parseList(parameters.get("hide")),
    on: parseList(parameters.get("show")),
  };
}

export function writeUrl(state: UrlState): string {
  const parameters = new URLSearchParams();
  if (state.mode !== "analysis") parameters.set("m", MODE_WORDS[state.mode]);
  if (state.hazard) parameters.set("hazard", state.hazard);
  if (state.run) parameters.set("run", state.run);
  if (state.selection) parameters.set("sel", formatSelection(state.selection));
  if (state.off.length) parameters.set("hide", [...state.off].sort().join(","));
  if (state.on.length) parameters.set("show", [...state.on].sort().join(","));
  if (state.camera) {
    const { lon, lat, zoom } = state.camera;
    parameters.set("view", [lon.toFixed(5), lat.toFixed(5), zoom.toFixed(2)].join(","));
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

export function formatSelection(selection: SelectionRef): string {
  if (selection.kind === "cell") return `cell:${selection.cell}`;
  if (selection.kind === "township") return `township:${selection.code}`;
  return `feature:${selection.layer}:${selection.id}`;
}

export function parseSelection(text: string | null): SelectionRef | null {
  const [kind, first, ...rest] = (text ?? "").split(":");
  if (!first) return null;
  if (kind === "cell" && /^[0-9a-f]{15,16}$/.test(first)) return { kind, cell: first };
  if (kind === "township") return { kind, code: first };
  if (kind === "feature" && rest.length) return { kind, layer: first, id: rest.join(":") };
  return null;
}

function parseList(text: string | null): string[] {
  return (text ?? "").split(",").filter(Boolean);
}

function parseCamera(text: string | null): Camera | null {
  const [lon, lat, zoom] = (text ?? "").split(",").map(Number);
  const isSound =
    text !== null &&
    Number.isFinite(lon) &&
    Number.isFinite(lat) &&
    Number.isFinite(zoom) &&
    Math.abs(lon!) <= 180 &&
    Math.abs(lat!) <= 85;
  return isSound ? { lon: lon!, lat: lat!, zoom: zoom! } : null;
}
