// Drawing a zone with terra-draw: it keeps vertices and history, the look comes from the map's own style.
import type { Polygon, Position } from "geojson";
import type { Map as MapLibreMap } from "maplibre-gl";
import {
  TerraDraw,
  TerraDrawModeUndoRedo,
  TerraDrawPolygonMode,
  TerraDrawSelectMode,
  TerraDrawSessionUndoRedo,
  type GeoJSONStoreFeatures,
} from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { crossingEdges, openRing } from "./ring";

const UNDO_STEPS = 50;
const NONE = 0;

export interface DrawingEvents {
  onChange: (polygon: Polygon | null) => void;
  onFinish: () => void;
}

type FeatureId = string | number;

/** One polygon at a time: drawn, then its vertices moved, added and deleted. */
export class Drawing {
  private readonly draw: TerraDraw;
  private last: Position[] = [];
  /** The vertex moved last. */
  private active: number | null = null;

  constructor(
    private readonly map: MapLibreMap,
    private readonly events: DrawingEvents,
  ) {
    const isCoarse = matchMedia("(pointer: coarse)").matches;
    const pointerDistance = isCoarse ? 28 : 14;
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, prefixId: "td" }),
      modes: [
        new TerraDrawPolygonMode({
          pointerDistance,
          showCoordinatePoints: false,
          validation: (feature, { updateType }) =>
            updateType === "finish" && isCrossed(feature) ? { valid: false, reason: "边界自交" } : { valid: true },
          styles: {
            fillOpacity: NONE,
            outlineOpacity: NONE,
            closingPointOpacity: NONE,
            closingPointOutlineOpacity: NONE,
            coordinatePointOpacity: NONE,
            coordinatePointOutlineOpacity: NONE,
          },
        }),
        new TerraDrawSelectMode({
          pointerDistance,
          allowManualDeselection: false,
          keyEvents: { delete: null, deselect: null, rotate: null, scale: null },
          flags: { polygon: { feature: { coordinates: { draggable: true, deletable: true, midpoints: { draggable: true } } } } },
          styles: {
            selectedPolygonFillOpacity: NONE,
            selectedPolygonOutlineOpacity: NONE,
            selectionPointOpacity: NONE,
            selectionPointOutlineOpacity: NONE,
            midPointOpacity: NONE,
            midPointOutlineOpacity: NONE,
          },
        }),
      ],
      undoRedo: {
        modeLevel: new TerraDrawModeUndoRedo({ maxStackSize: UNDO_STEPS }),
        sessionLevel: new TerraDrawSessionUndoRedo({ maxStackSize: UNDO_STEPS }),
      },
    });
    this.draw.start();
    this.draw.on("change", () => this.report());
    this.draw.on("finish", (id, context) => {
      if (context.action !== "draw") return;
      // Selecting inside the event would be undone by the mode that is just finishing.
      queueMicrotask(() => this.edit(id));
      this.events.onFinish();
    });
  }

  begin(): void {
    this.draw.clear();
    this.draw.setMode("polygon");
  }

  /** Takes up a polygon that came from elsewhere. */
  load(polygon: Polygon): void {
    this.draw.clear();
    const id = this.draw.getFeatureId();
    const rounded = polygon.coordinates.map((ring) => ring.map(([lon, lat]): Position => [round(lon!), round(lat!)]));
    this.draw.addFeatures([
      { type: "Feature", id, properties: { mode: "polygon" }, geometry: { type: "Polygon", coordinates: rounded } } as GeoJSONStoreFeatures,
    ]);
    this.edit(id);
    this.report();
  }

  /** Enter, Escape and Delete reach terra-draw through the map's canvas, wherever the focus is. */
  key(key: "Enter" | "Escape" | "Delete"): void {
    const canvas = this.map.getCanvas();
    for (const type of ["keydown", "keyup"]) canvas.dispatchEvent(new KeyboardEvent(type, { key, bubbles: false }));
  }

  undo(): void {
    this.draw.undo();
    this.report();
  }

  redo(): void {
    this.draw.redo();
    this.report();
  }

  clear(): void {
    this.draw.clear();
    this.draw.setMode("select");
    this.events.onChange(null);
  }

  destroy(): void {
    this.draw.stop();
  }

  /** Deletes the vertex that was moved last; three must stay. */
  deleteVertex(): void {
    const feature = this.polygon();
    if (!feature || this.active === null || this.draw.getMode() !== "select") return;
    const ring = openRing(feature.geometry.coordinates[0] ?? []);
    if (ring.length <= 3 || this.active >= ring.length) return;
    ring.splice(this.active, 1);
    const geometry: Polygon = { type: "Polygon", coordinates: [[...ring, ring[0]!]] };
    this.active = null;
    this.draw.updateFeatureGeometry(feature.id, geometry);
    this.edit(feature.id);
    this.report();
  }

  private edit(id: FeatureId): void {
    this.draw.setMode("select");
    if (this.draw.hasFeature(id)) this.draw.selectFeature(id);
  }

  private polygon(): { id: FeatureId; geometry: Polygon } | null {
    const found = this.draw.getSnapshot().find((item) => item.geometry.type === "Polygon");
    return found?.id === undefined ? null : { id: found.id, geometry: found.geometry as Polygon };
  }

  private report(): void {
    const geometry = this.polygon()?.geometry ?? null;
    const ring = openRing(geometry?.coordinates[0] ?? []);
    if (ring.length === this.last.length) {
      const moved = ring.findIndex((point, index) => point[0] !== this.last[index]![0] || point[1] !== this.last[index]![1]);
      if (moved >= 0) this.active = moved;
    }
    this.last = ring;
    this.events.onChange(geometry);
  }
}

function isCrossed(feature: unknown): boolean {
  const { geometry } = feature as { geometry: Polygon };
  return crossingEdges(openRing(geometry.coordinates[0] ?? [])).length > 0;
}

/** terra-draw refuses coordinates with more decimals than its precision. */
function round(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
