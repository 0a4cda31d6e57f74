const files = import.meta.glob<string>("/shaders/**/*.wgsl", { query: "?raw", import: "default", eager: true });

/** The text of every file of shaders/, by its path below it. */
export const SOURCES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(files).map(([path, text]) => [path.replace("/shaders/", ""), text]),
);
