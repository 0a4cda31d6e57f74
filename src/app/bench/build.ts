import type { Build } from "../../bench/types.ts";

declare global {
  interface ImportMetaEnv {
    /** Set where the page is built. */
    readonly WEBGGUF_BUILD: Build;
  }
}

export const BUILD: Build = import.meta.env.WEBGGUF_BUILD;
