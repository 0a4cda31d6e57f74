import { useSyncExternalStore } from "react";
import type { Model, ModelInfo } from "../../core/api.ts";
import { type Counters as CounterValues, countersOf } from "../state/counters.ts";
import { formatBytes, formatInteger, formatMilliseconds, formatRate } from "../state/format.ts";
import type { RunStore } from "../state/run.ts";
import { ONE_THREAD } from "../state/useMissing.ts";
import { Icon } from "./Icon.tsx";
import { ProfilePanel } from "./ProfilePanel.tsx";
import { Sparkline } from "./Sparkline.tsx";

interface CountersProps {
  store: RunStore;
  info: ModelInfo;
}

function useCounters({ store, info }: CountersProps) {
  const run = useSyncExternalStore(store.counters.subscribe, store.counters.snapshot);
  return { run, counters: countersOf(run, performance.now()), memory: run.stats?.memoryBytes ?? info.memoryBytes };
}

/** Every number that is measured, beside the chat. */
export function Counters({ store, model }: { store: RunStore; model: Model }) {
  const { info } = model;
  const { run, counters, memory } = useCounters({ store, info });
  const { promptTokens, cachedTokens = 0, decodeNow } = counters;
  const cached = cachedTokens > 0 ? `, ${formatInteger(cachedTokens)} cached` : "";
  return (
    <section className="counters" aria-label="Counters">
      <div className="counter-hero">
        <div>
          <span className="counter-big">{formatRate(counters.decodeNow)}</span>
          <span className="counter-unit">tokens/s</span>
        </div>
        <span className={`phase phase-${run.phase}`}>{PHASES[run.phase]}</span>
      </div>
      <div>
        <Sparkline
          values={counters.tokenMilliseconds}
          label={
            decodeNow
              ? `Milliseconds per token, now ${(1000 / decodeNow).toFixed(1)}`
              : "Milliseconds per token, none yet"
          }
        />
        <p className="plot-caption" aria-hidden="true">
          Milliseconds per token
        </p>
      </div>
      <dl className="counter-list">
        <Row name="Per token" value={formatMilliseconds(decodeNow && 1000 / decodeNow)} />
        <Row name="Decode, average" value={`${formatRate(counters.decodeAverage)} tok/s`} />
        <Row name="Prefill" value={`${formatRate(counters.prefillRate)} tok/s`} />
        <Row name="First token" value={formatMilliseconds(counters.timeToFirstToken)} />
        <Row
          name="Prompt"
          value={promptTokens === undefined ? "–" : `${formatInteger(promptTokens)} tokens${cached}`}
        />
        <Row name="Written" value={`${formatInteger(counters.generatedTokens)} tokens`} />
      </dl>
      <ContextBar counters={counters} limit={info.contextLength} />
      <MemoryBar memory={memory} />
      <Device info={info} dispatches={run.stats?.device?.dispatchesPerToken} />
      {info.hasWeights && <ProfilePanel model={model} store={store} writing={run.phase !== "idle"} />}
    </section>
  );
}

/** The same in one line, for narrow screens; it opens the rest. */
export function CounterSummary({ store, info, onOpen }: CountersProps & { onOpen: () => void }) {
  const { counters, memory } = useCounters({ store, info });
  const total = memory.weights + memory.kv + memory.scratch;
  return (
    <button type="button" className="counter-summary" onClick={onOpen} aria-label="Show counters">
      <strong>{formatRate(counters.decodeNow)} tok/s</strong>
      <span>
        {formatInteger(counters.contextUsed)} / {formatInteger(info.contextLength)} ctx
      </span>
      <span>{formatBytes(total)}</span>
      <Icon name="chevron" size={16} />
    </button>
  );
}

const PHASES = { idle: "Idle", prefill: "Reading", decode: "Writing" };

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Share of the context from which on the person is told. */
const NEARLY_FULL = 0.9;

function ContextBar({ counters, limit }: { counters: CounterValues; limit: number }) {
  const share = limit > 0 ? Math.min(1, counters.contextUsed / limit) : 0;
  return (
    <div className="gauge">
      <div className="gauge-head">
        <span>Context</span>
        <span>
          {formatInteger(counters.contextUsed)} of {formatInteger(limit)} tokens
        </span>
      </div>
      <meter
        className="visually-hidden"
        aria-label="Tokens in context"
        min={0}
        max={Math.max(1, limit)}
        value={Math.min(counters.contextUsed, limit)}
      />
      <div className={share > NEARLY_FULL ? "bar bar-full" : "bar"} aria-hidden="true">
        <i style={{ width: `${share * 100}%` }} />
      </div>
      {share > NEARLY_FULL && (
        <p className="hint" role="status">
          <Icon name="info" size={15} />
          The context is nearly full. A new chat begins an empty one; the settings have a longer one.
        </p>
      )}
    </div>
  );
}

function MemoryBar({ memory }: { memory: ModelInfo["memoryBytes"] }) {
  const total = memory.weights + memory.kv + memory.scratch;
  const kinds = [
    { name: "Weights", kind: "weights", bytes: memory.weights },
    { name: "KV cache", kind: "kv", bytes: memory.kv },
    { name: "Scratch", kind: "scratch", bytes: memory.scratch },
  ];
  return (
    <div className="gauge">
      <div className="gauge-head">
        <span>Memory</span>
        <span>{formatBytes(total)}</span>
      </div>
      <div className="bar bar-parts" aria-hidden="true">
        {kinds.map(({ kind, bytes }) => (
          <i key={kind} className={`part-${kind}`} style={{ width: `${total > 0 ? (bytes / total) * 100 : 0}%` }} />
        ))}
      </div>
      <dl className="legend">
        {kinds.map(({ name, kind, bytes }) => (
          <div key={kind}>
            <dt>
              <i className={`part-${kind}`} aria-hidden="true" />
              {name}
            </dt>
            <dd>{formatBytes(bytes)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const BACKENDS = { wasm: "WASM on the CPU", webgpu: "WebGPU", reference: "Reference (slow)", none: "None" };
const SIMD = new Map([
  ["relaxed", "Relaxed SIMD"],
  ["simd128", "SIMD128 only"],
]);

/** What the model runs on, and what keeps it from running faster. */
function Device({ info, dispatches }: { info: ModelInfo; dispatches?: number }) {
  const hints: string[] = [];
  if (info.backend === "wasm" && ONE_THREAD) hints.push(ONE_THREAD);
  if (info.backend === "wasm" && info.simd !== "relaxed") {
    hints.push("This browser's WebAssembly has no relaxed SIMD, with which models run faster on the CPU.");
  }
  return (
    <div className="device">
      <dl className="counter-list">
        <Row name="Backend" value={BACKENDS[info.backend]} />
        {info.backend === "webgpu" ? (
          <>
            <Row name="Device" value={info.device.replace(/^GPU, /, "")} />
            <Row name="Dispatches" value={dispatches === undefined ? "–" : `${dispatches} a token`} />
          </>
        ) : (
          <>
            <Row name="SIMD" value={SIMD.get(info.simd) ?? "None"} />
            <Row name="Threads" value={String(info.threads)} />
          </>
        )}
      </dl>
      {hints.map((hint) => (
        <p key={hint} className="hint">
          <Icon name="info" size={15} />
          {hint}
        </p>
      ))}
      {info.notes.length > 0 && (
        <details className="notes">
          <summary>Notes ({info.notes.length})</summary>
          <ul>
            {info.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
