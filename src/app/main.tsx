import { createRoot } from "react-dom/client";
import type { Webgguf } from "../core/api.ts";
import { webgguf } from "../worker/client.ts";
import { App } from "./App.tsx";
import "./styles/index.css";

declare global {
  interface Window {
    /** The public API: scripts drive the same engine as the page. */
    webgguf: Webgguf;
  }
}

window.webgguf = webgguf;

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
