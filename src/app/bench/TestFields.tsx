import { contextOf } from "../../bench/plan.ts";
import { NumberField, SelectField } from "../components/fields.tsx";
import { formatInteger } from "../state/format.ts";
import { type BenchForm, formErrors, type KernelSet, type ListField, planOf, withSet } from "./form.ts";
import { ListInput } from "./ListInput.tsx";
import { Check } from "./ModelPicker.tsx";

interface TestFieldsProps {
  form: BenchForm;
  onChange: (change: Partial<BenchForm>) => void;
}

const SETS: readonly [BenchForm["set"], string][] = [
  ["quick", "Quick"],
  ["full", "Full"],
  ["custom", "My own"],
];

const KERNEL_SETS: readonly [KernelSet, string][] = [
  ["none", "None"],
  ["quick", "Some"],
  ["full", "All"],
];

const LISTS: readonly [ListField, string, string][] = [
  ["prompt", "Prompts (pp)", "Tokens, such as 128, 512."],
  ["generate", "Answers (tg)", "Tokens written one by one."],
  ["depths", "Depths", "Tokens in the context before."],
  ["firstToken", "First token (ttft)", "Prompts up to whose first token the time is taken."],
];

const HELP: Record<BenchForm["set"], string> = {
  quick:
    "A prompt, an answer, the first token, opening, tokenizer, sampling and some kernels: a minute or two with a small model.",
  full: "Prompts to 2,048 tokens, depths to 8,192, and all kernels with their roofline: long on a slow machine.",
  custom: "Only what you list.",
};

/** What is measured, and how often. */
export function TestFields({ form, onChange }: TestFieldsProps) {
  const errors = formErrors(form);
  return (
    <fieldset className="bench-card">
      <legend>Tests</legend>
      <fieldset className="segmented">
        <legend className="visually-hidden">Set of tests</legend>
        {SETS.map(([set, name]) => (
          <button key={set} type="button" aria-pressed={form.set === set} onClick={() => onChange(withSet(form, set))}>
            {name}
          </button>
        ))}
      </fieldset>
      <p className="field-help">{HELP[form.set]}</p>
      {form.set === "custom" && (
        <>
          <div className="bench-fields">
            {LISTS.map(([field, label, help]) => (
              <ListInput
                key={field}
                label={label}
                help={help}
                error={errors[field]}
                value={form[field]}
                onChange={(text) => onChange({ [field]: text })}
              />
            ))}
          </div>
          <Check label="Tokenizer" checked={form.tokenizer} onChange={(tokenizer) => onChange({ tokenizer })} />
          <Check label="Sampling" checked={form.sampling} onChange={(sampling) => onChange({ sampling })} />
          <SelectField
            label="Kernels"
            help="Single operations, without a model."
            value={form.kernels}
            options={KERNEL_SETS}
            onChange={(kernels) => onChange({ kernels })}
          />
        </>
      )}
      <div className="bench-fields three">
        <NumberField label="Openings" value={form.opens} min={1} max={100} onChange={(opens) => onChange({ opens })} />
        <NumberField label="Rounds" value={form.rounds} min={1} max={100} onChange={(rounds) => onChange({ rounds })} />
        <NumberField
          label="Warm-ups"
          value={form.warmups}
          min={0}
          max={100}
          onChange={(warmups) => onChange({ warmups })}
        />
      </div>
      <p className="field-help">
        Each model is opened {times(form.opens)}, each test repeated {times(form.rounds)} after each opening:{" "}
        {form.opens * form.rounds} samples. Models are opened with a context of {formatInteger(contextOf(planOf(form)))}{" "}
        tokens.
      </p>
    </fieldset>
  );
}

const times = (count: number) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);
