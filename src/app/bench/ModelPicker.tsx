import { useState } from "react";
import { bytesOf, fileName, type SyntheticFile, type SyntheticModel } from "../../synthetic/files.ts";
import { MIX_NAMES, type Mix } from "../../synthetic/mixes.ts";
import { SHAPES, type ShapeName } from "../../synthetic/shapes.ts";
import { SelectField } from "../components/fields.tsx";
import { Icon } from "../components/Icon.tsx";
import { formatBytes } from "../state/format.ts";
import type { BenchForm } from "./form.ts";
import type { OpenModel } from "./subjects.ts";
import type { SyntheticFiles } from "./useSyntheticFiles.ts";

interface ModelPickerProps {
  form: BenchForm;
  synthetic: readonly SyntheticModel[];
  onChange: (change: Partial<BenchForm>) => void;
  loaded?: OpenModel;
  files: SyntheticFiles;
}

const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** The open model, its file, and models with random weights, which need no download. */
export function ModelPicker({ form, synthetic, onChange, loaded, files }: ModelPickerProps) {
  const [shape, setShape] = useState<ShapeName>("qwen2.5-0.5b");
  const [mix, setMix] = useState<Mix>("Q4_0");
  const has = (model: SyntheticModel) => synthetic.some((one) => fileName(one) === fileName(model));
  const set = (models: readonly SyntheticModel[]) => onChange({ synthetic: models });
  const kept = new Map(files.files.map(({ name, bytes }) => [name, bytes]));
  const missing = synthetic.filter((model) => !kept.has(fileName(model)));
  return (
    <fieldset className="bench-card">
      <legend>Models</legend>
      {loaded && (
        <>
          <Check
            label={`${loaded.model.info.name}, as it is open`}
            help={loaded.model.info.device}
            checked={form.open}
            onChange={(open) => onChange({ open })}
          />
          <Check
            label="Its file, opened afresh"
            help="Measures the opening too, on each device below."
            checked={form.afresh}
            onChange={(afresh) => onChange({ afresh })}
          />
        </>
      )}
      <ul className="bench-models" aria-label="Synthetic models">
        {synthetic.map((model) => (
          <li key={fileName(model)}>
            <span>
              {SHAPES[model.shape].name} {model.mix}
            </span>
            <small>{kept.has(fileName(model)) ? "made" : `about ${formatBytes(bytesOf(model))}`}</small>
            <button
              type="button"
              className="icon-button small"
              aria-label={`Leave out ${SHAPES[model.shape].name} ${model.mix}`}
              onClick={() => set(synthetic.filter((one) => one !== model))}
            >
              <Icon name="close" size={15} />
            </button>
          </li>
        ))}
      </ul>
      <div className="bench-add">
        <SelectField
          label="Shape"
          value={shape}
          options={SHAPE_NAMES.map((name) => [name, SHAPES[name].name] as const)}
          onChange={setShape}
        />
        <SelectField
          label="Type"
          value={mix}
          options={MIX_NAMES.map((name) => [name, name] as const)}
          onChange={setMix}
        />
        <button
          type="button"
          className="button"
          disabled={has({ shape, mix })}
          onClick={() => set([...synthetic, { shape, mix }])}
        >
          <Icon name="plus" size={16} />
          Add
        </button>
      </div>
      <p className="field-help">
        Synthetic models have a published shape and random weights: they cost what trained ones cost, and are made here.
      </p>
      <Room missing={missing} files={files} />
      {files.files.length > 0 && <KeptFiles files={files.files} onDelete={files.remove} />}
    </fieldset>
  );
}

interface CheckProps {
  label: string;
  help?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Check({ label, help, checked, onChange }: CheckProps) {
  return (
    <label className="bench-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {label}
        {help && <small>{help}</small>}
      </span>
    </label>
  );
}

/** What will be written, and what there is room for. */
function Room({ missing, files: { room } }: { missing: readonly SyntheticModel[]; files: SyntheticFiles }) {
  if (missing.length === 0) return null;
  const needed = missing.reduce((sum, model) => sum + bytesOf(model), 0);
  const lacking = room !== undefined && needed > room;
  return (
    <p className={lacking ? "bench-warning" : "field-help"}>
      {lacking && <Icon name="alert" size={16} />}
      To be made: about {formatBytes(needed)}
      {room !== undefined && `; the browser has room for ${formatBytes(room)}`}.
    </p>
  );
}

function KeptFiles({ files, onDelete }: { files: readonly SyntheticFile[]; onDelete: (name: string) => void }) {
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <details className="notes">
      <summary>
        {files.length === 1 ? "1 file" : `${files.length} files`}{" "}
        {files.some(({ kept }) => kept) ? "kept in the browser" : "in memory until the page is closed"},{" "}
        {formatBytes(all)}
      </summary>
      <ul className="bench-models">
        {files.map(({ name, bytes }) => (
          <li key={name}>
            <span>{name}</span>
            <small>{formatBytes(bytes)}</small>
            <button
              type="button"
              className="icon-button small"
              aria-label={`Delete ${name}`}
              onClick={() => onDelete(name)}
            >
              <Icon name="trash" size={15} />
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
