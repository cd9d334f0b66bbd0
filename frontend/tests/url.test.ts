import { describe, expect, it } from "vitest";
import { parseSelection, readUrl, writeUrl, type UrlState } from "../src/stores/url";

const full: UrlState = {
  mode: "dispatch",
  hazard: "landslide",
  run: "d3a1f00d",
  selection: { kind: "feature", layer: "shelter", id: "S:12" },
  camera: { lon: 106.29, lat: 32.23, zoom: 11.5 },
  off: ["risk", "river"],
  on: ["school"],
};

describe("the address of a view", () => {
  it("comes back as it was written", () => {
    expect(readUrl(writeUrl(full))).toEqual(full);
  });

  it("is empty for the default view", () => {
    expect(writeUrl({ mode: "analysis", hazard: null, run: null, selection: null, camera: null, off: [], on: [] })).toBe("");
  });

  it("names only what the user changed", () => {
    const parameters = new URLSearchParams(writeUrl({ ...full, off: ["road"], on: [] }));
    expect(parameters.get("hide")).toBe("road");
    expect(parameters.has("show")).toBe(false);
  });

  it("names the tab in Chinese", () => {
    expect(new URLSearchParams(writeUrl(full)).get("m")).toBe("调度");
  });

  it.each(["", "cell:", "cell:xyz", "cell:<script>", "feature:shelter", "nothing:1"])("ignores the selection %j", (text) => {
    expect(parseSelection(text)).toBeNull();
  });

  it.each(["1,2", "a,b,c", "400,10,3", "106,95,3"])("ignores the camera %j", (text) => {
    expect(readUrl(`?view=${text}`).camera).toBeNull();
  });
});
