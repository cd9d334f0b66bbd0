// What is selected on the map: a cell with its explanation, a feature with its fields, or a township.
import type { Position } from "geojson";
import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { explainCell, fetchFeature } from "../api/endpoints";
import type { Properties } from "../api/types";
import { question } from "./loading";
import { useRisk } from "./risk";
import { readUrl, type SelectionRef } from "./url";

export interface Spot {
  lon: number;
  lat: number;
  name: string;
}

export const useSelection = defineStore("selection", () => {
  const risk = useRisk();
  const selected = ref<SelectionRef | null>(readUrl(location.search).selection);
  /** Outline of the selected cell as it was on the map, ring of [lon, lat]. */
  const outline = shallowRef<Position[] | null>(null);
  const tileProperties = shallowRef<Properties>({});
  const spot = shallowRef<Spot | null>(null);
  const why = question((signal, cell: string, hazard: string, run: string | null) => explainCell(cell, hazard, run, signal));
  const feature = question((signal, layer: string, id: string) => fetchFeature(layer, id, signal));

  function clear(): void {
    selected.value = null;
    outline.value = null;
    spot.value = null;
    why.clear();
    feature.clear();
  }

  function selectCell(cell: string, ring: Position[] | null): void {
    spot.value = null;
    outline.value = ring;
    if (selected.value?.kind !== "cell" || selected.value.cell !== cell) selected.value = { kind: "cell", cell };
  }

  function selectFeature(layer: string, id: string, place: Spot | null, properties: Properties = {}): void {
    outline.value = null;
    spot.value = place;
    tileProperties.value = properties;
    selected.value = { kind: "feature", layer, id };
  }

  function selectTownship(code: string): void {
    outline.value = null;
    spot.value = null;
    selected.value = { kind: "township", code };
  }

  function explainAgain(): void {
    const run = risk.run?.id;
    if (selected.value?.kind !== "cell") why.clear();
    else if (risk.hazard && run) void why.ask(selected.value.cell, risk.hazard, run);
  }

  watch([selected, () => risk.hazard, () => risk.run?.id], explainAgain, { immediate: true });
  watch(
    selected,
    (target) => {
      if (target?.kind === "feature") void feature.ask(target.layer, target.id);
      else feature.clear();
    },
    { immediate: true },
  );

  /** The place a “nearest” question or a draft starts from. */
  const place = computed<Spot | null>(() => {
    const explained = why.answer.value;
    if (selected.value?.kind === "cell" && explained) {
      const [lon, lat] = explained.center;
      return { lon, lat, name: explained.township?.name ?? "选中格" };
    }
    return spot.value;
  });

  return {
    selected,
    outline,
    tileProperties,
    spot,
    place,
    explanation: why.answer,
    whyProblem: why.problem,
    isExplaining: why.isLoading,
    feature: feature.answer,
    featureProblem: feature.problem,
    isLoadingFeature: feature.isLoading,
    clear,
    explainAgain,
    selectCell,
    selectFeature,
    selectTownship,
  };
});
