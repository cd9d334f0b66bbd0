// What a press or a click does: the ways between tabs, panels and map.
import type { Hit } from "../map/engine";
import type MapCanvas from "../map/MapCanvas.vue";
import { useCatalogue } from "./catalogue";
import { useDraft } from "./draft";
import { useReach } from "./reach";
import { useSelection } from "./selection";
import type { Mode } from "./url";
import { useView } from "./view";

export type MapHandle = InstanceType<typeof MapCanvas> | null;

export interface Tasks {
  setMode: (mode: Mode) => void;
  onHit: (hit: Hit) => void;
  startPicking: () => void;
  startDrawing: () => void;
  startDraft: () => void;
  openDraft: (id: string) => void;
  leaveDraft: () => void;
  draftFromSelection: () => void;
  nearestFromSelection: (layer: string) => void;
  chooseTownship: (code: string) => void;
  escape: () => void;
}

export function useTasks(map: () => MapHandle): Tasks {
  const view = useView();
  const catalogue = useCatalogue();
  const selection = useSelection();
  const reach = useReach();
  const draft = useDraft();

  function setMode(mode: Mode): void {
    if (view.mode === mode) return;
    if (view.mode === "warning") map()?.putAway();
    view.mode = mode;
    view.isLeftOpen = false;
    if (mode !== "dispatch") reach.isPicking = false;
    if (mode === "warning" && !draft.startsAt) draft.begin();
  }

  function pickOrigin(hit: Hit): void {
    const isFeature = hit.kind === "feature";
    const name = isFeature ? String(hit.properties["name"] ?? "选中点") : "地图上的点";
    void reach.askFrom({ lon: hit.lon, lat: hit.lat, name });
  }

  function onHit(hit: Hit): void {
    if (view.mode === "dispatch" && (reach.isPicking || !reach.origin)) {
      pickOrigin(hit);
      return;
    }
    if (view.mode !== "analysis") return;
    view.isLeftOpen = false;
    if (hit.kind === "cell") selection.selectCell(hit.cell, hit.ring);
    else if (hit.kind === "feature") selectFeature(hit);
    else selection.clear();
  }

  function selectFeature(hit: Extract<Hit, { kind: "feature" }>): void {
    const key = catalogue.keyOf(hit.layer);
    const id = String(hit.properties[key] ?? "");
    const name = String(hit.properties["name"] ?? id);
    selection.selectFeature(hit.layer, id, { lon: hit.lon, lat: hit.lat, name }, hit.properties);
  }

  function startPicking(): void {
    setMode("dispatch");
    reach.isPicking = true;
  }

  function startDrawing(): void {
    if (view.mode !== "warning") {
      setMode("warning");
      if (draft.saved) draft.begin();
    }
    if (!draft.saved) void map()?.draw();
  }

  function startDraft(): void {
    setMode("warning");
    map()?.putAway();
    draft.begin();
  }

  function openDraft(id: string): void {
    map()?.putAway();
    void draft.open(id).then(() => {
      if (draft.zone) map()?.fitFeature(draft.zone);
    });
  }

  function leaveDraft(): void {
    map()?.putAway();
    draft.begin();
  }

  function draftFromSelection(): void {
    startDraft();
    void map()?.draw();
  }

  function nearestFromSelection(layer: string): void {
    const place = selection.place;
    if (!place) return;
    reach.layer = layer;
    setMode("dispatch");
    void reach.askFrom(place).then(fitRoute);
  }

  /** The chosen route comes into view: the user asked for it. */
  function fitRoute(): void {
    const points = [...(reach.chosen?.route?.coordinates ?? [])];
    if (reach.origin) points.push([reach.origin.lon, reach.origin.lat]);
    if (points.length < 2) return;
    const xs = points.map((point) => point[0]!);
    const ys = points.map((point) => point[1]!);
    map()?.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
  }

  function chooseTownship(code: string): void {
    selection.selectTownship(code);
    const border = catalogue.townships.find((item) => item.properties?.["code"] === code);
    if (border) map()?.fitFeature(border.geometry);
  }

  function escape(): void {
    if (view.isHelpOpen) view.isHelpOpen = false;
    else if (draft.isDrawing) map()?.cancelDrawing();
    else if (reach.isPicking) reach.isPicking = false;
    else if (view.mode === "dispatch" && reach.origin) reach.clear();
    else selection.clear();
  }

  return {
    setMode,
    onHit,
    startPicking,
    startDrawing,
    startDraft,
    openDraft,
    leaveDraft,
    draftFromSelection,
    nearestFromSelection,
    chooseTownship,
    escape,
  };
}
