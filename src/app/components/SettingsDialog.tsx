import type { ModelInfo } from "../../core/api.ts";
import { formatInteger } from "../state/format.ts";
import { DEFAULT_SETTINGS, type LoadSettings, type Settings } from "../state/settings.ts";
import { ONE_THREAD } from "../state/useMissing.ts";
import { Dialog } from "./Dialog.tsx";
import { NumberField, SelectField, TextField } from "./fields.tsx";
import { SamplingFields } from "./SamplingFields.tsx";

interface SettingsDialogProps {
  open: boolean;
  onClose: () => void;
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
  /** Of the open model, with the options it was loaded with. */
  loaded?: { info: ModelInfo; load: LoadSettings };
  onReload: () => void;
}

export function SettingsDialog({ open, onClose, settings, onChange, loaded, onReload }: SettingsDialogProps) {
  return (
    <Dialog title="Settings" open={open} onClose={onClose} shape="side">
      <TextField
        label="System prompt"
        help="Told to the model before a chat. Not used in completion mode."
        value={settings.systemPrompt}
        onChange={(systemPrompt) => onChange({ systemPrompt })}
        rows={3}
        placeholder="You are a helpful assistant."
      />
      <SamplingFields settings={settings} onChange={onChange} />
      <button
        type="button"
        className="text-button"
        onClick={() => onChange(GENERATION_DEFAULTS)}
        disabled={isDefault(settings)}
      >
        Reset to the defaults
      </button>
      <section className="load-fields" aria-labelledby="page-title">
        <h3 id="page-title">This page</h3>
        <label className="check">
          <input
            type="checkbox"
            checked={settings.liveCounters}
            onChange={(event) => onChange({ liveCounters: event.target.checked })}
          />
          Counters move while the model writes
        </label>
      </section>
      <LoadFields settings={settings} onChange={onChange} loaded={loaded} onReload={onReload} />
    </Dialog>
  );
}

const { systemPrompt: _prompt, liveCounters: _live, load: _load, ...GENERATION_DEFAULTS } = DEFAULT_SETTINGS;

function isDefault(settings: Settings): boolean {
  const keys = Object.keys(GENERATION_DEFAULTS) as (keyof typeof GENERATION_DEFAULTS)[];
  return keys.every((key) => JSON.stringify(settings[key]) === JSON.stringify(GENERATION_DEFAULTS[key]));
}

type LoadFieldsProps = Pick<SettingsDialogProps, "settings" | "onChange" | "loaded" | "onReload">;

/** Options that take effect when a model is loaded. */
function LoadFields({ settings, onChange, loaded, onReload }: LoadFieldsProps) {
  const { load } = settings;
  const set = (change: Partial<LoadSettings>) => onChange({ load: { ...load, ...change } });
  const changed =
    loaded &&
    (["backend", "contextLength", "threads", "kvCache"] as const).some((name) => load[name] !== loaded.load[name]);
  return (
    <section className="load-fields" aria-labelledby="load-title">
      <h3 id="load-title">When a model is loaded</h3>
      <div className="fields">
        <NumberField
          label="Context length"
          help={
            loaded
              ? `Now ${formatInteger(loaded.info.contextLength)}; trained with ${formatInteger(loaded.info.trainedContextLength)}.`
              : "Tokens that the model can see at once."
          }
          value={load.contextLength}
          onChange={(contextLength) => set({ contextLength })}
          min={16}
          placeholder="Automatic"
        />
        <NumberField
          label="Threads"
          help={ONE_THREAD ?? `This machine has ${navigator.hardwareConcurrency} for the browser.`}
          value={load.threads}
          onChange={(threads) => set({ threads })}
          min={1}
          max={64}
          placeholder="Automatic"
        />
        <SelectField
          label="KV cache"
          help="f16 takes half the memory of f32."
          value={load.kvCache ?? "auto"}
          options={[
            ["auto", "Automatic"],
            ["f32", "f32"],
            ["f16", "f16"],
          ]}
          onChange={(kvCache) => set({ kvCache: kvCache === "auto" ? undefined : kvCache })}
        />
        <SelectField
          label="Backend"
          value={load.backend}
          options={[
            ["auto", "Fastest there is"],
            ["webgpu", "WebGPU on the GPU"],
            ["wasm", "WASM on the CPU"],
            ["reference", "Reference (slow)"],
          ]}
          onChange={(backend) => set({ backend })}
        />
      </div>
      {changed && (
        <button type="button" className="button primary" onClick={onReload}>
          Load the model again with these
        </button>
      )}
    </section>
  );
}
