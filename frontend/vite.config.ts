import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const SERVER = process.env["YINGJI_SERVER"] ?? "http://127.0.0.1:8000";

// Built into the Python package; `yingji serve` answers both the page and its data.
export default defineConfig({
  plugins: [vue()],
  base: "./",
  build: {
    outDir: "../src/yingji_map/web/static/app",
    emptyOutDir: true,
    target: "es2022",
    // The feature service's pages are written by the server: it finds their script here.
    manifest: "manifest.json",
    rolldownOptions: { input: ["index.html", "docs.html", "src/browse.ts"] },
    // MapLibre alone is 1.1 MB before compression; a test holds the compressed size instead.
    chunkSizeWarningLimit: 1400,
  },
  server: { proxy: Object.fromEntries(["/v1", "/tiles", "/ogc"].map((path) => [path, SERVER])) },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
