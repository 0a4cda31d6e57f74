import { useId } from "react";

interface ListInputProps {
  label: string;
  help?: string;
  error?: string;
  value: string;
  placeholder?: string;
  onChange: (text: string) => void;
}

/** A list of numbers as a text. */
export function ListInput({ label, help, error, value, placeholder, onChange }: ListInputProps) {
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
      </div>
      <input
        id={id}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        value={value}
        placeholder={placeholder}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-help`} className={error ? "field-error" : "field-help"}>
        {error ?? help}
      </p>
    </div>
  );
}
