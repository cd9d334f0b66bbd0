// Short words of the page that do not come from the server.
import type { LayerGroup } from "../api/types";

const SHORT_HAZARDS: Record<string, string> = {
  composite: "综合",
  flood: "洪涝",
  debris_flow: "泥石流",
  landslide: "地质",
  earthquake: "地震",
  forest_fire: "火灾",
  snow_ice: "冰冻",
};

export function hazardName(id: string, title: string): string {
  return SHORT_HAZARDS[id] ?? title;
}

export const GROUP_NAMES: [LayerGroup, string][] = [
  ["hazard", "危险源"],
  ["capacity", "应急能力"],
  ["monitoring", "监测"],
  ["base", "承灾体与基础"],
];

const BLOCKS: Record<string, string> = {
  hazard: "危险性",
  exposure: "暴露",
  vulnerability: "脆弱性",
  capacity: "减灾能力",
};

export function blockName(id: string): string {
  return BLOCKS[id] ?? id;
}

/** Why a place is not among the answers. */
export const EXCLUSIONS: Record<string, string> = { closed: "停用", no_route: "没有路通", off_network: "离路太远" };

export const STATE_NAMES: Record<string, string> = {
  draft: "草稿",
  submitted: "待签发",
  signed: "生效中",
  cancelled: "已解除",
  expired: "已过期",
};

/** What a layer can be saved as, the safest first. */
export const FILE_FORMATS: readonly (readonly [string, string])[] = [
  ["gpkg", "GeoPackage"],
  ["xlsx", "Excel"],
  ["csv", "CSV"],
  ["shp", "Shapefile"],
  ["kml", "KML"],
  ["geojson", "GeoJSON"],
  ["fgb", "FlatGeobuf"],
  ["parquet", "GeoParquet"],
];
