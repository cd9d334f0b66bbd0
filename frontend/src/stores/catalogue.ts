// What there is to show: the declared layers, and the borders that veil, labels and highlights are made from.
import type { Feature, FeatureCollection, MultiPolygon, Polygon } from "geojson";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { fetchBorders, fetchLayers, fetchTerrainBounds } from "../api/endpoints";
import { toProblem, type ProblemError } from "../api/problem";
import type { LayerSummary } from "../api/types";
import { applyTheme } from "../design/cssVariables";
import { adoptPalette } from "../design/tokens";
import { useView } from "./view";

export type Border = Feature<Polygon | MultiPolygon>;

export const useCatalogue = defineStore("catalogue", () => {
  const view = useView();
  const layers = shallowRef<LayerSummary[]>([]);
  const county = shallowRef<Border[]>([]);
  const townships = shallowRef<Border[]>([]);
  const terrainBounds = shallowRef<[number, number, number, number] | null>(null);
  const problem = ref<ProblemError | null>(null);
  const isLoading = ref(false);

  const byId = computed(() => new Map(layers.value.map((layer) => [layer.id, layer])));
  const countyName = computed(() => String(county.value[0]?.properties?.["name"] ?? ""));
  const bounds = computed(() => byId.value.get("county")?.bounds ?? layers.value.find((layer) => layer.bounds)?.bounds ?? null);

  async function load(): Promise<void> {
    isLoading.value = true;
    problem.value = null;
    try {
      const [found, bounds] = await Promise.all([fetchLayers(), fetchTerrainBounds()]);
      adoptPalette(found.palette);
      applyTheme(view.theme);
      view.hiddenAtFirst = found.layers.filter((layer) => layer.style?.visible === false).map((layer) => layer.id);
      [layers.value, terrainBounds.value] = [found.layers, bounds];
      await loadBorders();
    } catch (error) {
      problem.value = toProblem(error);
    } finally {
      isLoading.value = false;
    }
  }

  /** Without borders the map still works; it has no veil and no names of townships. */
  async function loadBorders(): Promise<void> {
    const wanted = ["county", "township"].map(async (id): Promise<Border[]> => {
      const layer = byId.value.get(id);
      if (!layer?.count) return [];
      const answer: FeatureCollection = await fetchBorders(id);
      return answer.features as Border[];
    });
    const [first, second] = await Promise.allSettled(wanted);
    if (first?.status === "fulfilled") county.value = first.value;
    if (second?.status === "fulfilled") townships.value = second.value;
  }

  function titleOf(id: string): string {
    return byId.value.get(id)?.title.zh ?? id;
  }

  /** The business key of a layer: the first field of its definition, by the order the server keeps. */
  function keyOf(id: string): string {
    return byId.value.get(id)?.fields[0]?.name ?? "code";
  }

  return { layers, county, townships, terrainBounds, problem, isLoading, byId, countyName, bounds, load, titleOf, keyOf };
});
