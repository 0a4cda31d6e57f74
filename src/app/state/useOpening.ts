import type { ModelInfo } from "../../core/api.ts";
import { choiceOfHandles, choiceOfUrl, type ModelChoice, pickFiles } from "./fileAccess.ts";
import type { RecentModel } from "./recent.ts";
import type { Settings } from "./settings.ts";
import type { useModel } from "./useModel.ts";

const SHORTEST_CONTEXT = 256;
const USUAL_CONTEXT = 4096;

/** The ways in which the page is asked to open a model; each ends in `models.open` or in a failure that is shown. */
export function useOpening(models: ReturnType<typeof useModel>, settings: Settings, onStart: () => void) {
  const open = async (choose: () => Promise<ModelChoice | null> | ModelChoice) => {
    try {
      const chosen = await choose();
      if (!chosen) return;
      onStart();
      await models.open(chosen, settings.load);
    } catch (error) {
      onStart();
      models.fail(error);
    }
  };
  return {
    choice: (choice: ModelChoice) => open(() => choice),
    pick: () => open(pickFiles),
    url: (url: string) => open(() => choiceOfUrl(url)),
    recent: (model: RecentModel) => open(() => (model.url ? choiceOfUrl(model.url) : choiceOfHandles(model.handles))),
    /** Half of what there was, or of what is usual. */
    shorterContext: (info: ModelInfo | undefined) =>
      Math.max(SHORTEST_CONTEXT, Math.floor((settings.load.contextLength ?? info?.contextLength ?? USUAL_CONTEXT) / 2)),
  };
}
