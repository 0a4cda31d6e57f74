import { useCallback, useEffect, useState } from "react";
import type { ModelInfo } from "../../core/api.ts";
import { get, update } from "./database.ts";
import type { ModelChoice } from "./fileAccess.ts";

/** A model that was opened before and can be opened again without being chosen anew. */
export interface RecentModel {
  readonly id: string;
  readonly label: string;
  readonly handles: readonly FileSystemFileHandle[];
  readonly url?: string;
  readonly bytes: number;
  readonly architecture: string;
  readonly quantization: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

const KEY = "recent-models";
const LIMIT = 8;

async function isSame(model: RecentModel, choice: ModelChoice): Promise<boolean> {
  if (choice.url !== undefined || model.url !== undefined) return model.url === choice.url;
  if (model.handles.length !== choice.handles.length) return false;
  const same = await Promise.all(choice.handles.map((handle, i) => handle.isSameEntry(model.handles[i])));
  return same.every(Boolean);
}

/** The list of recent models in IndexedDB, newest first. Where there is no storage it stays empty. */
export function useRecentModels() {
  const [models, setModels] = useState<readonly RecentModel[]>([]);

  useEffect(() => {
    get<RecentModel[]>(KEY)
      .then((stored) => setModels(Array.isArray(stored) ? stored : []))
      .catch(() => {});
  }, []);

  const change = useCallback(async (edit: (models: readonly RecentModel[]) => readonly RecentModel[]) => {
    let next: readonly RecentModel[] = [];
    const write = update<readonly RecentModel[]>(KEY, (stored) => {
      next = edit(Array.isArray(stored) ? stored : []);
      return next;
    });
    await write.then(() => setModels(next)).catch(() => {});
  }, []);

  const remember = useCallback(
    async (choice: ModelChoice, info: ModelInfo) => {
      if (choice.handles.length === 0 && choice.url === undefined) return;
      const stored = (await get<RecentModel[]>(KEY).catch(() => undefined)) ?? [];
      const same = await Promise.all(stored.map((model) => isSame(model, choice).catch(() => false)));
      const replaced = new Set(stored.filter((_, i) => same[i]).map((model) => model.id));
      const entry: RecentModel = {
        id: crypto.randomUUID(),
        label: choice.label,
        handles: choice.handles,
        url: choice.url,
        bytes: info.fileBytes,
        architecture: info.architecture,
        quantization: info.quantization,
        openedAt: Date.now(),
      };
      await change((models) => [entry, ...models.filter((model) => !replaced.has(model.id))].slice(0, LIMIT));
    },
    [change],
  );

  const forget = useCallback((id: string) => change((models) => models.filter((model) => model.id !== id)), [change]);

  return { models, remember, forget };
}
