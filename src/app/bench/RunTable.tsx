import { Fragment, useState } from "react";
import { figure } from "../../bench/markdown.ts";
import { type RoofPoint, roofOf, roofPoint } from "../../bench/roofline.ts";
import { median, quartiles } from "../../bench/statistics.ts";
import type { BenchRun, BenchTest } from "../../bench/types.ts";
import { StripPlot } from "./StripPlot.tsx";

/** The tests of a run; a press on the number of samples shows each of them. */
export function RunTable({ run, caption }: { run: BenchRun; caption: string }) {
  const kernels = run.kind === "kernels";
  const roof = roofOf(run);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on narrow screens the table scrolls, and the keyboard must reach it.
    <section className="bench-scroll" aria-label={`Table of ${caption}`} tabIndex={0}>
      <table className="bench-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{kernels ? "Kernel" : "Test"}</th>
            <th scope="col">Median</th>
            <th scope="col" className="bench-unit">
              Unit
            </th>
            <th scope="col">Quartiles</th>
            {kernels && (
              <>
                <th scope="col">GB/s</th>
                <th scope="col">GFLOP/s</th>
                <th scope="col">Of the ceiling</th>
              </>
            )}
            <th scope="col">Samples</th>
            <th scope="col" className="bench-plot-column">
              Spread
            </th>
          </tr>
        </thead>
        <tbody>
          {run.tests.map((test) => (
            <TestRow key={test.id} test={test} kernels={kernels} point={kernels ? roofPoint(test, roof) : undefined} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function TestRow({ test, kernels, point }: { test: BenchTest; kernels: boolean; point?: RoofPoint }) {
  const [open, setOpen] = useState(false);
  const { id, unit, samples } = test;
  const { lower, upper } = quartiles(samples);
  return (
    <Fragment>
      <tr>
        <th scope="row">{id}</th>
        <td className="bench-median">{figure(median(samples))}</td>
        <td className="bench-unit">{unit}</td>
        <td>
          {figure(lower)}–{figure(upper)}
        </td>
        {kernels && (
          <>
            <td>{point && figure(point.gigabytesPerSecond)}</td>
            <td>{point && figure(point.gigaflops)}</td>
            <td>{point?.share !== undefined && `${Math.round(100 * point.share)} %`}</td>
          </>
        )}
        <td>
          <button
            type="button"
            className="text-button"
            aria-expanded={open}
            aria-label={`${samples.length} samples of ${id}`}
            onClick={() => setOpen(!open)}
          >
            {samples.length}
          </button>
        </td>
        <td className="bench-plot-column">
          <StripPlot samples={samples} />
        </td>
      </tr>
      {open && (
        <tr className="bench-samples">
          <td colSpan={kernels ? 9 : 6}>{samples.map((value) => Number(value.toPrecision(5))).join("  ")}</td>
        </tr>
      )}
    </Fragment>
  );
}
