import { useEffect, useRef, useState } from "react";
import { machineOfPage } from "../../bench/page.ts";
import type { Machine } from "../../bench/types.ts";
import { ProblemCard } from "../components/ProblemCard.tsx";
import type { Closed } from "../state/useModel.ts";
import "../styles/bench.css";
import "../styles/bench-plots.css";
import { CompareView } from "./CompareView.tsx";
import { HistoryList } from "./HistoryList.tsx";
import { nextName } from "./history.ts";
import { MachineFacts } from "./MachineFacts.tsx";
import { ReportView } from "./ReportView.tsx";
import { RunProgress } from "./RunProgress.tsx";
import { SetupPanel } from "./SetupPanel.tsx";
import type { OpenModel } from "./subjects.ts";
import { useBench } from "./useBench.ts";
import { useHistory } from "./useHistory.ts";
import { useSyntheticFiles } from "./useSyntheticFiles.ts";

interface BenchScreenProps {
  loaded?: OpenModel;
  /** A model is writing. */
  busy: boolean;
  /** A model that was closed to make room. */
  closed?: Closed;
  onCloseModel: () => Promise<void>;
  onReopen: () => void;
  onRunning: (running: boolean) => void;
  announce: (text: string) => void;
}

type Shown = { kind: "report"; id: string } | { kind: "comparison"; first: string; second: string };

/** The benchmark panel: set up, watch, read, compare. */
export default function BenchScreen(props: BenchScreenProps) {
  const { loaded, busy, closed, onCloseModel, onReopen, onRunning, announce } = props;
  const { history, kept, add, importFile, rename, remove } = useHistory();
  const files = useSyntheticFiles();
  const [shown, setShown] = useState<Shown>();
  const [machine, setMachine] = useState<Machine>();
  const results = useRef<HTMLDivElement>(null);
  useEffect(() => {
    machineOfPage().then(setMachine);
  }, []);

  // On narrow screens the results stand below.
  const toResults = () => requestAnimationFrame(() => results.current?.scrollIntoView({ block: "start" }));
  const show = (next: Shown) => {
    setShown(next);
    toResults();
  };
  const bench = useBench(
    (report) => {
      show({ kind: "report", id: add(report) });
      announce(`The benchmark has ended: ${report.name}.`);
    },
    (running) => {
      onRunning(running);
      if (running) toResults();
      else files.refresh();
    },
  );
  const running = bench.state.phase !== "idle";
  const entryOf = (id: string) => history.find((entry) => entry.id === id);
  const entry = (shown?.kind === "report" && entryOf(shown.id)) || history[0];
  const [first, second] = shown?.kind === "comparison" ? [entryOf(shown.first), entryOf(shown.second)] : [];
  const compared = first && second && { first, second };
  const importOne = async (file: File) => show({ kind: "report", id: await importFile(file) });

  return (
    <div className="bench">
      <div className="bench-side">
        <h2>Benchmark</h2>
        <SetupPanel
          machine={machine}
          loaded={loaded}
          hindrance={busy ? "The model is writing: wait, or stop it first." : undefined}
          files={files}
          running={running}
          onRun={(order, close) =>
            bench.start({ ...order, name: nextName(history), ...(close && { makeRoom: onCloseModel }) })
          }
        />
        <HistoryList
          history={history}
          kept={kept}
          shown={shown?.kind === "report" ? shown.id : undefined}
          onShow={(id) => show({ kind: "report", id })}
          onCompare={(first, second) => show({ kind: "comparison", first, second })}
          onImport={importOne}
        />
        {machine && <MachineFacts machine={machine} />}
      </div>
      <div className="bench-results" ref={results}>
        {closed && !running && <ClosedModel closed={closed} onReopen={onReopen} />}
        {bench.problem && <ProblemCard problem={bench.problem} ways={[]} onWay={() => {}} onDismiss={bench.dismiss} />}
        {bench.state.phase !== "idle" ? (
          <RunProgress state={bench.state} onCancel={bench.cancel} />
        ) : compared ? (
          <CompareView
            history={history}
            {...compared}
            onChoose={(first, second) => setShown({ kind: "comparison", first, second })}
            onClose={() => setShown(undefined)}
          />
        ) : entry ? (
          <ReportView entry={entry} onRename={rename} onDelete={remove} />
        ) : (
          <Nothing />
        )}
      </div>
    </div>
  );
}

function ClosedModel({ closed, onReopen }: { closed: Closed; onReopen: () => void }) {
  return (
    <section className="bench-closed" aria-label="Closed model">
      <p>{closed.choice.label} was closed to make room. The conversation is still there.</p>
      <button type="button" className="button primary" onClick={onReopen}>
        Load it again
      </button>
    </section>
  );
}

function Nothing() {
  return (
    <div className="bench-nothing">
      <h3>How fast is this machine?</h3>
      <p>
        Measure prompts, answers, opening, sampling and single kernels, on the GPU and the CPU. Results have every
        sample; two runs are compared with a significance test, so that noise is not taken for a difference.
      </p>
      <p className="muted">Nothing is sent anywhere: runs stay in this browser until you export them.</p>
    </div>
  );
}
