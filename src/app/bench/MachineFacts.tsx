import type { Machine } from "../../bench/types.ts";
import { Icon } from "../components/Icon.tsx";
import { formatBytes } from "../state/format.ts";
import { ONE_THREAD } from "../state/useMissing.ts";

/** What the browser tells of the machine, and what of it spoils a measurement. */
export function MachineFacts({ machine }: { machine: Machine }) {
  const { gpu, power } = machine;
  const facts: [string, string | undefined][] = [
    ["Browser", machine.browser],
    ["System", machine.system],
    ["Processors", String(machine.logicalProcessors)],
    ["Memory", machine.memoryGigabytes && `${machine.memoryGigabytes} GB or more`],
    ["GPU", gpu ? `${gpu.adapter}${gpu.fallback ? " (in software)" : ""}` : "none for WebGPU"],
    ["GPU buffers", gpu && `${formatBytes(gpu.limits.maxBufferSize ?? 0)} at most`],
    ["GPU features", gpu && (gpu.features.filter((name) => SPEED.includes(name)).join(", ") || "none of use here")],
    ["Power", power && (power.charging ? "mains" : `battery, ${Math.round(100 * power.level)} %`)],
    ["Isolated", machine.isolated ? "yes" : "no"],
  ].filter((fact): fact is [string, string] => Boolean(fact[1]));
  return (
    <details className="bench-card" open>
      <summary>
        <h3>This machine</h3>
      </summary>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {ONE_THREAD && (
        <p className="bench-warning">
          <Icon name="alert" size={16} />
          {ONE_THREAD}
        </p>
      )}
      {power && !power.charging && (
        <p className="bench-warning">
          <Icon name="alert" size={16} />
          On its battery the machine may run slower, and not evenly.
        </p>
      )}
    </details>
  );
}

/** Features that kernels make use of. */
const SPEED: readonly string[] = ["shader-f16", "subgroups", "timestamp-query"];
