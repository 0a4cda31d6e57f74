import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Model } from "../core/api.ts";
import { WebggufError } from "../core/errors.ts";
import { CounterSummary, Counters } from "./components/Counters.tsx";
import { Dialog } from "./components/Dialog.tsx";
import { DropOverlay } from "./components/DropOverlay.tsx";
import { Header, type Mode } from "./components/Header.tsx";
import { ModelCard } from "./components/ModelCard.tsx";
import { ModelDialog } from "./components/ModelDialog.tsx";
import { OpenPanel } from "./components/OpenPanel.tsx";
import { ProblemCard } from "./components/ProblemCard.tsx";
import { SettingsDialog } from "./components/SettingsDialog.tsx";
import { ShortcutsDialog } from "./components/ShortcutsDialog.tsx";
import { ChatScreen } from "./screens/ChatScreen.tsx";
import { CompletionScreen } from "./screens/CompletionScreen.tsx";
import { LoadingScreen } from "./screens/LoadingScreen.tsx";
import { PrivacyLine, WelcomeScreen } from "./screens/WelcomeScreen.tsx";
import type { ModelChoice } from "./state/fileAccess.ts";
import type { WayOn } from "./state/problems.ts";
import { useRecentModels } from "./state/recent.ts";
import { RunStore } from "./state/run.ts";
import { readSettings, type Settings } from "./state/settings.ts";
import { useStored } from "./state/storage.ts";
import { useChat } from "./state/useChat.ts";
import { useCompletion } from "./state/useCompletion.ts";
import { useFileDrop } from "./state/useFileDrop.ts";
import { useModel } from "./state/useModel.ts";
import { useOpening } from "./state/useOpening.ts";
import { useShortcuts } from "./state/useShortcuts.ts";
import { useTheme } from "./state/useTheme.ts";

/** Loaded when it is first asked for. */
const BenchScreen = lazy(() => import("./bench/BenchScreen.tsx"));

type DialogName = "settings" | "shortcuts" | "model" | "open" | "counters";

export function App() {
  const [store] = useState(() => new RunStore());
  const [settings, setSettings] = useStored("local", "webgguf.settings", readSettings);
  const changeSettings = useCallback(
    (change: Partial<Settings>) => setSettings((now) => ({ ...now, ...change })),
    [setSettings],
  );
  store.liveCounters = settings.liveCounters;
  const { theme, cycle } = useTheme();
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [mode, setMode] = useState<Mode>("chat");
  const [announcement, setAnnouncement] = useState("");
  const bench = useBenchVisit();
  const input = useRef<HTMLTextAreaElement>(null);
  const recent = useRecentModels();

  const onOpened = (choice: ModelChoice, model: Model) => {
    recent.remember(choice, model.info);
    store.reset();
    setMode(model.info.hasChatTemplate ? "chat" : "completion");
    setAnnouncement(`${model.info.name} is ready.`);
  };
  const models = useModel(onOpened);
  const { state, failure } = models;
  const model = state.phase === "ready" ? state.model : undefined;
  const writer = model?.info.hasWeights ? model : undefined;
  useEffect(() => {
    if (model) input.current?.focus();
  }, [model]);
  const chat = useChat(writer, settings, store);
  const completion = useCompletion(writer, settings, store);
  const opening = useOpening(models, settings, () => setDialog(null));
  const refuse = () =>
    models.fail(
      new WebggufError("busy", "A benchmark is running, and another model would be measured too. Cancel it first."),
    );
  const over = useFileDrop(bench.running ? refuse : opening.choice, models.fail);
  const busy = chat.busy || completion.busy;
  const { messages } = chat.conversation;

  useEffect(() => {
    const last = messages.at(-1);
    if (last?.role === "assistant" && last.ending) setAnnouncement(`Answer finished. ${last.content}`);
  }, [messages]);
  useEffect(() => {
    if (completion.outcome) setAnnouncement(`Text finished. ${completion.outcome.text}`);
  }, [completion.outcome]);

  const chatShown = model ? mode === "chat" : messages.length > 0;
  const begin = useMemo(() => {
    if (chatShown) return messages.length > 0 ? () => chat.dispatch({ type: "clear" }) : undefined;
    return model && completion.text && !completion.busy ? () => completion.edit("") : undefined;
  }, [chatShown, messages.length, chat.dispatch, model, completion.text, completion.busy, completion.edit]);

  const stop = () => {
    chat.stop();
    completion.stop();
  };
  const beginAnew =
    begin &&
    (() => {
      begin();
      input.current?.focus();
    });
  const show = (name: DialogName) => () => setDialog(name);
  // A dialog tells of its closing late: by then another may be open.
  const hide = (name: DialogName) => () => setDialog((now) => (now === name ? null : now));

  useShortcuts({
    Escape: busy ? stop : state.phase === "loading" ? models.cancel : undefined,
    "mod+o": bench.running ? refuse : opening.pick,
    "mod+shift+o": bench.shown ? undefined : beginAnew,
    "mod+b": bench.toggle,
    "mod+,": show("settings"),
    "mod+i": model && show("model"),
    "mod+/": show("shortcuts"),
  });

  const onWay = (way: WayOn) => {
    if (way === "choose") opening.pick();
    else if (way === "new-chat") beginAnew?.();
    else if (way === "completion") setMode("completion");
    else if (way === "auto-backend") reload({ backend: "auto" });
    else if (way === "use-cpu") reload({ backend: "wasm" });
    else if (way === "smaller-context") reload({ contextLength: opening.shorterContext(model?.info) });
    else reload({});
  };
  const reload = (change: Partial<Settings["load"]>) => {
    if (bench.running) return refuse();
    const load = { ...settings.load, ...change };
    changeSettings({ load });
    const choice = failure?.choice ?? (state.phase === "ready" ? state.choice : undefined);
    if (choice) models.reopen(choice, load);
    else models.dismiss();
  };
  const waysOf = (ways: readonly WayOn[]) =>
    ways.filter((way) => {
      if (way === "auto-backend") return settings.load.backend !== "auto";
      if (way === "use-cpu") return settings.load.backend !== "wasm" && failure?.choice !== undefined;
      return way === "choose" || failure?.choice !== undefined;
    });

  const loadAgain = () => {
    if (models.closed) models.reopen(models.closed.choice, models.closed.load);
  };

  const openPanel = {
    recent: recent.models,
    onPick: opening.pick,
    onUrl: opening.url,
    onRecent: opening.recent,
    onForget: recent.forget,
  };
  const failureCard = failure && (
    <div className="column">
      <ProblemCard
        problem={failure.problem}
        ways={waysOf(failure.problem.ways)}
        onWay={onWay}
        onDismiss={models.dismiss}
      />
    </div>
  );

  return (
    <div className="app">
      <Header
        modelName={model?.info.name}
        modelTag={model?.info.quantization}
        mode={bench.running ? undefined : writer && (bench.shown ? "none" : mode)}
        onMode={(next) => {
          bench.leave();
          setMode(next);
        }}
        onModel={show("model")}
        onOpen={bench.running ? refuse : show("open")}
        onNew={bench.shown ? undefined : beginAnew}
        onSettings={show("settings")}
        benchmark={bench.shown}
        onBenchmark={bench.toggle}
        onShortcuts={show("shortcuts")}
        theme={theme}
        onTheme={cycle}
      />
      <main className="main">
        {bench.visited && (
          <div className="bench-host" hidden={!bench.shown || state.phase === "loading"}>
            {bench.shown && failureCard}
            <Suspense fallback={<p className="bench-wait">A moment …</p>}>
              <BenchScreen
                loaded={state.phase === "ready" && writer ? { model: writer, choice: state.choice } : undefined}
                busy={busy}
                closed={models.closed}
                onCloseModel={models.close}
                onReopen={loadAgain}
                onRunning={bench.setRunning}
                announce={setAnnouncement}
              />
            </Suspense>
          </div>
        )}
        {state.phase === "loading" ? (
          <LoadingScreen label={state.choice.label} progress={state.progress} onCancel={models.cancel} />
        ) : !model && !chatShown ? (
          !bench.shown && (
            <>
              {failureCard}
              <WelcomeScreen {...openPanel} />
            </>
          )
        ) : (
          <div className="workspace" hidden={bench.shown}>
            <div className="stage">
              {!bench.shown && failureCard}
              {chatShown || (model && !writer) ? (
                <ChatScreen
                  conversation={chat.conversation}
                  dispatch={chat.dispatch}
                  busy={chat.busy}
                  stop={chat.stop}
                  store={store}
                  inputRef={input}
                  onWay={onWay}
                  hint={model && !model.info.hasChatTemplate ? WITHOUT_TEMPLATE : undefined}
                  withoutModel={
                    writer ? undefined : model ? (
                      <VocabularyOnly />
                    ) : (
                      <WithoutModel onOpen={show("open")} onReopen={models.closed && loadAgain} />
                    )
                  }
                />
              ) : (
                <CompletionScreen completion={completion} store={store} inputRef={input} onWay={onWay} />
              )}
            </div>
            {model && <Aside model={model} store={store} onDetails={show("model")} onOpen={show("counters")} />}
          </div>
        )}
      </main>

      <SettingsDialog
        open={dialog === "settings"}
        onClose={hide("settings")}
        settings={settings}
        onChange={changeSettings}
        loaded={state.phase === "ready" ? { info: state.model.info, load: state.load } : undefined}
        onReload={() => {
          setDialog(null);
          reload({});
        }}
      />
      <ShortcutsDialog open={dialog === "shortcuts"} onClose={hide("shortcuts")} />
      {model && <ModelDialog model={model} open={dialog === "model"} onClose={hide("model")} />}
      {model && (
        <Dialog title="Counters" open={dialog === "counters"} onClose={hide("counters")} shape="side">
          <Counters store={store} model={model} />
        </Dialog>
      )}
      <Dialog title="Open a model" open={dialog === "open"} onClose={hide("open")}>
        <OpenPanel {...openPanel} />
      </Dialog>
      {over && <DropOverlay replaces={model?.info.name} />}
      <div className="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
    </div>
  );
}

/** The benchmark panel stays, hidden, once it was there; while it measures it is not left. */
function useBenchVisit() {
  const [shown, setShown] = useState(false);
  const [visited, setVisited] = useState(false);
  const [running, setRunning] = useState(false);
  const toggle = () => {
    if (running) return;
    setVisited(true);
    setShown(!shown);
  };
  return { shown, visited, running, setRunning, toggle, leave: () => setShown(false) };
}

const WITHOUT_TEMPLATE =
  "The file has no chat template, so a common one is used. Base models do better in completion mode.";

interface AsideProps {
  model: Model;
  store: RunStore;
  onDetails: () => void;
  onOpen: () => void;
}

/** Beside the text on wide screens; on narrow ones a line of it, above the text. */
function Aside({ model, store, onDetails, onOpen }: AsideProps) {
  const { info } = model;
  return (
    <>
      <aside className="aside" aria-label="Model and counters">
        <ModelCard info={info} onDetails={onDetails} />
        <Counters store={store} model={model} />
        <PrivacyLine />
      </aside>
      <CounterSummary store={store} info={info} onOpen={onOpen} />
    </>
  );
}

function WithoutModel({ onOpen, onReopen }: { onOpen: () => void; onReopen?: () => void }) {
  return (
    <div className="without-model">
      <p>No model is loaded. The conversation is kept; open a model to go on.</p>
      {onReopen && (
        <button type="button" className="button" onClick={onReopen}>
          Load the last one again
        </button>
      )}
      <button type="button" className="button primary" onClick={onOpen}>
        Open a model
      </button>
    </div>
  );
}

function VocabularyOnly() {
  return (
    <p className="without-model">
      This file holds a vocabulary and no weights: it can split text into tokens, not write.
    </p>
  );
}
