import { type KeyboardEvent, useEffect, useMemo, useState } from "react";
import type { Model, TensorSummary } from "../../core/api.ts";
import { formatBytes, formatInteger } from "../state/format.ts";
import { Dialog } from "./Dialog.tsx";
import { ModelFacts } from "./ModelCard.tsx";

const TABS = ["Overview", "Metadata", "Tensors"] as const;
type Tab = (typeof TABS)[number];

/** What is in the file: facts, metadata, tensors. */
export function ModelDialog({ model, open, onClose }: { model: Model; open: boolean; onClose: () => void }) {
  const [tab, setTab] = useState<Tab>("Overview");
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length];
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <Dialog title={model.info.name} open={open} onClose={onClose} shape="wide">
      <div className="tabs" role="tablist" aria-label="Parts of the model" onKeyDown={move}>
        {TABS.map((name) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls="tab-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="tab-panel">
        {tab === "Overview" && <ModelFacts info={model.info} />}
        {tab === "Metadata" && <MetadataList model={model} />}
        {tab === "Tensors" && <TensorTable model={model} />}
      </div>
    </Dialog>
  );
}

function useLoaded<T>(load: () => Promise<T>): { value?: T; failed?: string } {
  const [state, setState] = useState<{ value?: T; failed?: string }>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once, when the tab is opened.
  useEffect(() => {
    let gone = false;
    load().then(
      (value) => !gone && setState({ value }),
      (error) => !gone && setState({ failed: String(error?.message ?? error) }),
    );
    return () => {
      gone = true;
    };
  }, []);
  return state;
}

function MetadataList({ model }: { model: Model }) {
  const { value, failed } = useLoaded(() => model.metadata());
  const [filter, setFilter] = useState("");
  if (failed) return <p className="field-error">{failed}</p>;
  if (!value) return <p className="muted">Reading …</p>;
  const shown = Object.entries(value).filter(([key]) => key.includes(filter.trim()));
  return (
    <>
      <Filter value={filter} onChange={setFilter} label="Filter keys" />
      <dl className="metadata">
        {shown.map(([key, entry]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>
              <MetadataValue value={entry} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const SHOWN_ITEMS = 12;
const LONG_TEXT = 160;

function MetadataValue({ value }: { value: unknown }) {
  if (typeof value === "object" && value !== null && "length" in value) {
    const list = Array.from(value as ArrayLike<unknown>);
    const first = list.slice(0, SHOWN_ITEMS).map((item) => JSON.stringify(typeof item === "bigint" ? `${item}` : item));
    return (
      <>
        <span className="muted">{formatInteger(list.length)} items: </span>
        {first.join(", ")}
        {list.length > SHOWN_ITEMS ? ", …" : ""}
      </>
    );
  }
  const text = String(value);
  if (text.length <= LONG_TEXT) return text;
  return (
    <details>
      <summary>{formatInteger(text.length)} characters</summary>
      <pre>{text}</pre>
    </details>
  );
}

function TensorTable({ model }: { model: Model }) {
  const { value, failed } = useLoaded(() => model.tensors());
  const [filter, setFilter] = useState("");
  const shown = useMemo(
    () => (value ?? []).filter((tensor) => `${tensor.name} ${tensor.dtype}`.includes(filter.trim())),
    [value, filter],
  );
  if (failed) return <p className="field-error">{failed}</p>;
  if (!value) return <p className="muted">Reading …</p>;
  const bytes = shown.reduce((sum, tensor) => sum + tensor.byteLength, 0);
  return (
    <>
      <Filter value={filter} onChange={setFilter} label="Filter tensors" />
      <p className="muted">
        {formatInteger(shown.length)} tensors, {formatBytes(bytes)}
      </p>
      <div className="table-scroll">
        <table className="tensors">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Shape</th>
              <th scope="col">Bytes</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((tensor) => (
              <TensorRow key={tensor.name} tensor={tensor} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function TensorRow({ tensor }: { tensor: TensorSummary }) {
  return (
    <tr>
      <th scope="row">{tensor.name}</th>
      <td>{tensor.dtype}</td>
      <td>{tensor.shape.join(" × ")}</td>
      <td>{formatBytes(tensor.byteLength)}</td>
    </tr>
  );
}

function Filter({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  return (
    <input
      type="search"
      className="filter"
      placeholder={label}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
