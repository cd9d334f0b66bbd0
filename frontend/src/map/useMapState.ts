// The map's state from the stores, in one computed value.
import { computed, type ComputedRef } from "vue";
import { useCatalogue } from "../stores/catalogue";
import { useDraft } from "../stores/draft";
import { useReach } from "../stores/reach";
import { useRisk } from "../stores/risk";
import { useSelection } from "../stores/selection";
import { useView } from "../stores/view";
import { symbolImage } from "./images";
import { routeOverlay, selectionOverlay, townshipLabelOverlay, veilOverlay, zoneOverlay } from "./overlays";
import { collection, EMPTY, type MapState, type Overlays } from "./style/state";

export function useMapState(): ComputedRef<MapState> {
  const view = useView();
  const catalogue = useCatalogue();
  const risk = useRisk();
  const selection = useSelection();
  const reach = useReach();
  const draft = useDraft();

  const veil = computed(() => veilOverlay(catalogue.county));
  const townshipLabels = computed(() => townshipLabelOverlay(catalogue.townships));
  const highlight = computed(() => {
    const target = selection.selected;
    const found = target?.kind === "township" ? catalogue.townships.filter((item) => item.properties?.["code"] === target.code) : [];
    return found.length ? collection(found) : EMPTY;
  });
  const selected = computed(() => selectionOverlay(selection.outline, selection.spot));
  const routes = computed(() => {
    if (view.mode !== "dispatch") return EMPTY;
    const character = catalogue.byId.get(reach.layer)?.style?.symbol?.character ?? "";
    return routeOverlay(reach.origin, reach.answer, reach.chosenRank, symbolImage(reach.layer, character, "full"));
  });
  const zone = computed(() => {
    if (view.mode !== "warning") return EMPTY;
    return zoneOverlay({ polygon: draft.zone, ring: draft.ring, crossings: draft.crossings, hasHandles: !draft.saved });
  });
  const overlays = computed<Overlays>(() => ({
    veil: veil.value,
    townshipLabels: townshipLabels.value,
    highlight: highlight.value,
    selection: selected.value,
    routes: routes.value,
    zone: zone.value,
  }));

  return computed(() => ({
    origin: location.origin,
    theme: view.theme,
    layers: catalogue.layers,
    hidden: view.hidden,
    hazard: risk.runs.length ? risk.hazard : null,
    run: risk.runId,
    compare: risk.comparing && risk.run ? { from: risk.comparing, to: risk.run.id } : null,
    onlyLevel: view.onlyLevel,
    riskOpacity: view.riskOpacity,
    hasPatterns: view.hasPatterns,
    terrainBounds: catalogue.terrainBounds,
    isRiskDimmed: view.mode === "dispatch" && reach.answer !== null,
    // The line of a drill is ink only: it must not look like a warning.
    zoneLevel: draft.isExercise ? null : draft.levelNumber,
    overlays: overlays.value,
  }));
}
