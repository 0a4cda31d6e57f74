import { memo } from "react";
import { runName } from "../../bench/compare.ts";
import type { BenchRun } from "../../bench/types.ts";
import { Icon } from "../components/Icon.tsx";
import { formatBytes, formatInteger } from "../state/format.ts";
import { DepthPlot } from "./DepthPlot.tsx";
import { plural } from "./plot.ts";
import { RooflinePlot } from "./RooflinePlot.tsx";
import { RunTable } from "./RunTable.tsx";
import { depthSeries } from "./series.ts";

/** Everything measured on one subject and device. */
export const RunSection = memo(function RunSection({ run }: { run: BenchRun }) {
  const name = runName(run);
  const series = depthSeries(run);
  return (
    <section className="bench-run" aria-label={name}>
      <h4>{name}</h4>
      <p className="muted">{factsOf(run).join(" · ")}</p>
      {run.error && (
        <p className="bench-warning">
          <Icon name="alert" size={16} />
          It ended early: {run.error}
        </p>
      )}
      {run.tests.length > 0 && <RunTable run={run} caption={name} />}
      {series.length > 0 && <DepthPlot series={series} />}
      {run.kind === "kernels" && <RooflinePlot run={run} />}
      {run.skipped.length + run.notes.length > 0 && (
        <details className="notes">
          <summary>
            {[
              run.skipped.length > 0 && `${plural(run.skipped.length, "test")} left out`,
              run.notes.length > 0 && plural(run.notes.length, "note"),
            ]
              .filter(Boolean)
              .join(", ")}
          </summary>
          <ul>
            {[...run.skipped, ...run.notes].map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
});

function factsOf({ device, synthetic, fileBytes, contextLength, memoryBytes }: BenchRun): string[] {
  return [
    device,
    synthetic && "random weights",
    fileBytes && `file ${formatBytes(fileBytes)}`,
    contextLength && `context ${formatInteger(contextLength)}`,
    memoryBytes &&
      `memory ${formatBytes(memoryBytes.weights)} weights, ${formatBytes(memoryBytes.kv)} K/V, ${formatBytes(memoryBytes.scratch)} scratch`,
    memoryBytes?.heap && `JavaScript heap ${formatBytes(memoryBytes.heap)}`,
  ].filter((fact): fact is string => Boolean(fact));
}
