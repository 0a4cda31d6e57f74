/** The import arrows of docs/ARCHITECTURE.md, as rules. A folder may import only what its row names, and itself. */
const MAY_IMPORT = {
  core: [],
  quant: ["core"],
  gguf: ["core"],
  storage: ["core"],
  tokenizer: ["core"],
  chat: ["core"],
  sampling: ["core"],
  models: ["core"],
  bench: ["core"],
  synthetic: ["core", "quant", "gguf"],
  backends: ["core", "quant"],
  engine: ["core", "gguf", "storage", "tokenizer", "chat", "sampling", "models", "backends"],
};

const outside = (folder, allowed) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${allowed.length ? allowed.join(", ") : "nothing"} of this project`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: "\\.test\\.tsx?$" },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
});

module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => outside(folder, allowed)),
    {
      name: "app-imports-client-only",
      severity: "error",
      from: { path: "^src/app/", pathNot: "\\.test\\.tsx?$" },
      to: {
        path: "^src/",
        pathNot: "^src/(app/|core/|bench/|synthetic/(files|shapes|mixes)\\.ts$|worker/client\\.ts$)",
      },
    },
    {
      name: "client-imports-protocol-only",
      severity: "error",
      from: { path: "^src/worker/(client|remote)\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(core/|worker/(protocol|remote)\\.ts$)" },
    },
    {
      name: "host-imports-engine-only",
      severity: "error",
      from: { path: "^src/worker/host\\.ts$" },
      to: { path: "^src/", pathNot: "^src/(core/|engine/|worker/protocol\\.ts$)" },
    },
    {
      name: "protocol-is-types",
      severity: "error",
      from: { path: "^src/worker/protocol\\.ts$" },
      to: { path: "^src/", pathNot: "^src/core/" },
    },
    {
      name: "comlink-in-worker-only",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/worker/" },
      to: { path: "node_modules/comlink" },
    },
    {
      name: "concrete-backends-in-select-only",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/backends/(select\\.ts|reference/|wasm/|webgpu/)|\\.test\\.tsx?$" },
      to: { path: "^src/backends/(reference|wasm|webgpu)/" },
    },
    {
      name: "backends-are-apart",
      severity: "error",
      from: { path: "^src/backends/(reference|wasm|webgpu)/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "^src/backends/(reference|wasm|webgpu)/", pathNot: "^src/backends/$1/" },
    },
    { name: "no-cycles", severity: "error", from: { path: "^src/" }, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.node.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
