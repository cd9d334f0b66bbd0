import { describe, expect, it } from "vitest";
import { fileNameOf } from "../src/api/client";

describe("the name of a downloaded file", () => {
  it("is the Chinese one where the server gives one", () => {
    const said = "attachment; filename=\"download.gpkg\"; filename*=UTF-8''%E9%81%BF%E9%9A%BE%E5%9C%BA%E6%89%80.gpkg";
    expect(fileNameOf(said)).toBe("避难场所.gpkg");
  });

  it("is the plain one, or a word, where there is no other", () => {
    expect(fileNameOf('attachment; filename="a.csv"')).toBe("a.csv");
    expect(fileNameOf("")).toBe("download");
  });
});
