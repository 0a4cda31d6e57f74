import { takenFromThread } from "./load.ts";

/** Says that it is there; then measures when it is told to. */
self.onmessage = () => self.postMessage(takenFromThread());
self.postMessage("ready");
