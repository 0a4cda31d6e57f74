import { type ReactNode, useEffect, useId, useState } from "react";

interface NumberFieldProps {
  label: string;
  help?: string;
  /** undefined: empty, where `placeholder` says what that means. */
  value: number | undefined;
  onChange: (value: number | undefined) => void;
  min?: number;
  max?: number;
  step?: number;
  placeholder?: string;
}

/** A number that may be left empty. What is not a number in range is kept on screen and not taken over. */
export function NumberField({ label, help, value, onChange, min, max, step = 1, placeholder }: NumberFieldProps) {
  const id = useId();
  const [draft, setDraft] = useState(value === undefined ? "" : String(value));
  useEffect(() => setDraft((now) => (parse(now) === value ? now : value === undefined ? "" : String(value))), [value]);
  const number = parse(draft);
  const wrong =
    draft.trim() !== "" &&
    (number === undefined ||
      (min !== undefined && number < min) ||
      (max !== undefined && number > max) ||
      (Number.isInteger(step) && !Number.isInteger(number)));
  const change = (text: string) => {
    setDraft(text);
    const next = parse(text);
    if (text.trim() === "" && placeholder !== undefined) onChange(undefined);
    else if (next !== undefined && !(min !== undefined && next < min) && !(max !== undefined && next > max)) {
      if (!Number.isInteger(step) || Number.isInteger(next)) onChange(next);
    }
  };
  return (
    <Field id={id} label={label} help={help} error={wrong ? rangeText(min, max, step) : undefined}>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={draft}
        placeholder={placeholder}
        aria-invalid={wrong}
        aria-describedby={`${id}-help`}
        onChange={(event) => change(event.target.value)}
      />
    </Field>
  );
}

const parse = (text: string): number | undefined => {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(number) ? number : undefined;
};

function rangeText(min: number | undefined, max: number | undefined, step: number): string {
  const kind = Number.isInteger(step) ? "A whole number" : "A number";
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}.`;
  return min !== undefined ? `${kind} from ${min} up.` : `${kind}, please.`;
}

/** A number on a slider, with the exact value beside it. */
export function SliderField(props: NumberFieldProps & { value: number; min: number; max: number }) {
  const { label, help, value, onChange, min, max, step = 1 } = props;
  const id = useId();
  const text = Number.isInteger(step) ? String(value) : value.toFixed(2);
  return (
    <Field id={id} label={label} help={help} output={text}>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </Field>
  );
}

interface TextFieldProps {
  label: string;
  help?: string;
  error?: string;
  value: string;
  onChange: (value: string) => void;
  rows: number;
  placeholder?: string;
}

export function TextField({ label, help, error, value, onChange, rows, placeholder }: TextFieldProps) {
  const id = useId();
  return (
    <Field id={id} label={label} help={help} error={error} wide>
      <textarea
        id={id}
        rows={rows}
        value={value}
        placeholder={placeholder}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

interface SelectFieldProps<T extends string> {
  label: string;
  help?: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

export function SelectField<T extends string>({ label, help, value, options, onChange }: SelectFieldProps<T>) {
  const id = useId();
  return (
    <Field id={id} label={label} help={help}>
      <select
        id={id}
        value={value}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface FieldProps {
  id: string;
  label: string;
  help?: string;
  error?: string;
  output?: string;
  wide?: boolean;
  children: ReactNode;
}

function Field({ id, label, help, error, output, wide, children }: FieldProps) {
  return (
    <div className={wide ? "field wide" : "field"}>
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        {output !== undefined && <output htmlFor={id}>{output}</output>}
      </div>
      {children}
      <p id={`${id}-help`} className={error ? "field-error" : "field-help"}>
        {error ?? help}
      </p>
    </div>
  );
}
