import { type FormEvent, useState } from "react";
import { formatBytes } from "../state/format.ts";
import type { RecentModel } from "../state/recent.ts";
import { Icon } from "./Icon.tsx";

export interface OpenPanelProps {
  recent: readonly RecentModel[];
  onPick: () => void;
  onUrl: (url: string) => void;
  onRecent: (model: RecentModel) => void;
  onForget: (id: string) => void;
}

/** The ways to a model: a file, an address, or one that was opened before. */
export function OpenPanel({ recent, onPick, onUrl, onRecent, onForget }: OpenPanelProps) {
  return (
    <div className="open-panel">
      <div className="drop-zone">
        <span className="drop-mark">
          <Icon name="drop" size={28} />
        </span>
        <p className="drop-title">Drop a .gguf file anywhere on this page</p>
        <p className="muted">All parts of a split model go together.</p>
        <button type="button" className="button primary large" onClick={onPick}>
          <Icon name="open" />
          Choose a file
        </button>
        <UrlForm onUrl={onUrl} />
      </div>
      {recent.length > 0 && (
        <section className="recent" aria-labelledby="recent-title">
          <h2 id="recent-title">Opened before</h2>
          <ul>
            {recent.map((model) => (
              <li key={model.id}>
                <button type="button" className="recent-open" onClick={() => onRecent(model)}>
                  <Icon name={model.url ? "link" : "chip"} />
                  <span className="recent-name">{model.label}</span>
                  <span className="recent-about">
                    {[model.architecture, model.quantization, formatBytes(model.bytes)].join(" · ")}
                  </span>
                </button>
                <button
                  type="button"
                  className="icon-button small"
                  onClick={() => onForget(model.id)}
                  aria-label={`Remove ${model.label} from this list`}
                  title="Remove from this list"
                >
                  <Icon name="close" size={16} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function UrlForm({ onUrl }: { onUrl: (url: string) => void }) {
  const [url, setUrl] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onUrl(url);
  };
  return (
    <form className="url-form" onSubmit={submit}>
      <label htmlFor="model-url">or open one by its address</label>
      <div className="url-row">
        <input
          id="model-url"
          type="url"
          required
          placeholder="https://…/model.gguf"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          spellCheck={false}
        />
        <button type="submit" className="button">
          Open
        </button>
      </div>
    </form>
  );
}
