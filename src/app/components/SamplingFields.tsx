import { DEFAULT_SAMPLING, PRESETS, parseLogitBias, presetOf, type Settings } from "../state/settings.ts";
import { NumberField, SelectField, SliderField, TextField } from "./fields.tsx";

interface SamplingFieldsProps {
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
}

/** Every option of sampling, the common ones first. */
export function SamplingFields({ settings, onChange }: SamplingFieldsProps) {
  const { sampling } = settings;
  const preset = presetOf(sampling);
  const set = (name: keyof typeof sampling) => (value: number | undefined) =>
    onChange({ sampling: { ...sampling, [name]: value ?? DEFAULT_SAMPLING[name] } });
  const { wrong } = parseLogitBias(settings.logitBias);
  return (
    <>
      <fieldset className="presets">
        <legend>Sampling</legend>
        {PRESETS.map(({ name, about, sampling }) => (
          <button
            key={name}
            type="button"
            className="preset"
            aria-pressed={preset === name}
            title={about}
            onClick={() => onChange({ sampling })}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <div className="fields">
        <SliderField
          label="Temperature"
          help="0 always takes the likeliest token."
          value={sampling.temperature}
          onChange={set("temperature")}
          min={0}
          max={2}
          step={0.05}
        />
        <SliderField
          label="Top P"
          help="The likeliest tokens up to this share; 1 is off."
          value={sampling.topP}
          onChange={set("topP")}
          min={0}
          max={1}
          step={0.01}
        />
        <SliderField
          label="Min P"
          help="At least this share of the likeliest; 0 is off."
          value={sampling.minP}
          onChange={set("minP")}
          min={0}
          max={1}
          step={0.01}
        />
        <NumberField
          label="Top K"
          help="The k likeliest tokens; 0 is off."
          value={sampling.topK}
          onChange={set("topK")}
          min={0}
        />
        <NumberField
          label="Max tokens"
          help="Most tokens of one answer."
          value={settings.maxTokens}
          onChange={(maxTokens) => onChange({ maxTokens })}
          min={1}
          placeholder="No limit"
        />
        <NumberField
          label="Seed"
          help="The same seed gives the same text."
          value={settings.seed}
          onChange={(seed) => onChange({ seed })}
          min={0}
          max={4294967295}
          placeholder="Random"
        />
      </div>
      <details className="more">
        <summary>Penalties and more</summary>
        <div className="fields">
          <SliderField
            label="Repeat penalty"
            help="Above 1 tokens seen become less likely; 1 is off."
            value={sampling.repeatPenalty}
            onChange={set("repeatPenalty")}
            min={0.5}
            max={2}
            step={0.01}
          />
          <NumberField
            label="Penalties look at"
            help="The last tokens; -1 is the whole context."
            value={sampling.repeatLastN}
            onChange={set("repeatLastN")}
            min={-1}
          />
          <SliderField
            label="Presence penalty"
            help="Taken from tokens seen at all."
            value={sampling.presencePenalty}
            onChange={set("presencePenalty")}
            min={-2}
            max={2}
            step={0.05}
          />
          <SliderField
            label="Frequency penalty"
            help="Taken for each time a token was seen."
            value={sampling.frequencyPenalty}
            onChange={set("frequencyPenalty")}
            min={-2}
            max={2}
            step={0.05}
          />
          <SliderField
            label="Typical P"
            help="Locally typical sampling; 1 is off."
            value={sampling.typicalP}
            onChange={set("typicalP")}
            min={0.01}
            max={1}
            step={0.01}
          />
          <SelectField
            label="When the context is full"
            value={settings.onContextFull}
            options={[
              ["stop", "Stop"],
              ["shift", "Drop the oldest text"],
            ]}
            onChange={(onContextFull) => onChange({ onContextFull })}
          />
          <TextField
            label="Stop at"
            help="Texts that end the answer, one a line; \n is a line break."
            value={settings.stop}
            onChange={(stop) => onChange({ stop })}
            rows={2}
          />
          <TextField
            label="Logit bias"
            help="One token = bias a line, such as 42 = -1.5; -inf forbids the token."
            error={wrong.length > 0 ? `Not a token and a bias: ${wrong.join("; ")}` : undefined}
            value={settings.logitBias}
            onChange={(logitBias) => onChange({ logitBias })}
            rows={2}
          />
          <label className="check">
            <input
              type="checkbox"
              checked={settings.ignoreEos}
              onChange={(event) => onChange({ ignoreEos: event.target.checked })}
            />
            Write on past the end-of-text token
          </label>
        </div>
      </details>
    </>
  );
}
