import type { Plugin } from "vite";

/** What the check wants to know of an output file of the bundler. */
export interface OutputFile {
  readonly type: string;
  readonly fileName: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

/** Each import of an entry by another chunk, as `chunk → entry`. */
export function importsOfEntries(bundle: Readonly<Record<string, OutputFile>>): string[] {
  const entries = new Set(Object.values(bundle).flatMap((file) => (file.isEntry ? [file.fileName] : [])));
  return Object.values(bundle).flatMap(({ fileName, imports = [], dynamicImports = [] }) =>
    [...imports, ...dynamicImports].filter((name) => entries.has(name)).map((entry) => `${fileName} → ${entry}`),
  );
}

/**
 * Keeps what chunks share out of the entries (of the page and of each worker), and fails the build when a chunk imports from
 * one all the same. WebKit runs a worker's own file a second time when a chunk imports it: everything in it is there twice
 * then, the engine and its classes too.
 */
export function entriesApart(): Plugin {
  return {
    name: "webgguf-entries-apart",
    apply: "build",
    // With an entry whose exports must stay as they are, the bundler puts what others import into chunks of their own.
    options: (options) => ({ ...options, preserveEntrySignatures: "strict" }),
    generateBundle(_, bundle) {
      const found = importsOfEntries(bundle as unknown as Record<string, OutputFile>);
      if (found.length > 0)
        this.error(`Chunks import from an entry, which WebKit would run twice: ${found.join(", ")}`);
    },
  };
}
