import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// Built into the Python package; `yingji serve` answers both the page and its data.
export default defineConfig({
  plugins: [vue()],
  base: "./",
  build: {
    outDir: "../src/yingji_map/web/static/app",
    emptyOutDir: true,
    target: "es2022",
  },
  server: { proxy: Object.fromEntries(["/v1", "/tiles", "/ogc"].map((path) => [path, "http://127.0.0.1:8000"])) },
});
