// Fonts of labels. MapLibre draws them locally when a style has no `glyphs`; it reads the weight from the first name.
const FAMILIES = ["PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif"];

export const BOLD = ["Yingji Bold", ...FAMILIES];
export const MEDIUM = ["Yingji Medium", ...FAMILIES];
export const ITALIC = ["Yingji Italic", ...FAMILIES];
