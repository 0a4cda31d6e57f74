import type { ModelInfo } from "../../core/api.ts";
import { formatBytes, formatCount, formatInteger } from "../state/format.ts";

/** The model at a glance. */
export function ModelCard({ info, onDetails }: { info: ModelInfo; onDetails: () => void }) {
  return (
    <section className="model-card" aria-label="Model">
      <h2>{info.name}</h2>
      <p className="tags">
        <span>{info.architecture}</span>
        <span>{info.quantization}</span>
        <span>{formatCount(info.parameterCount)} parameters</span>
        <span>{formatBytes(info.fileBytes)}</span>
      </p>
      <button type="button" className="text-button" onClick={onDetails}>
        Tensors and metadata
      </button>
    </section>
  );
}

/** All that `info` says, as a list. */
export function ModelFacts({ info }: { info: ModelInfo }) {
  const facts: [string, string][] = [
    ["Name", info.name],
    ["Architecture", info.architecture],
    ["Quantisation", info.quantization],
    ["Parameters", formatInteger(info.parameterCount)],
    ["File size", `${formatBytes(info.fileBytes)} (${formatInteger(info.fileBytes)} bytes)`],
    ["Context", `${formatInteger(info.contextLength)} of ${formatInteger(info.trainedContextLength)} trained`],
    ["Vocabulary", `${formatInteger(info.vocabularySize)} tokens`],
    ["Layers", formatInteger(info.layerCount)],
    ["Width", formatInteger(info.embeddingLength)],
    ["Chat template", info.hasChatTemplate ? "In the file" : "None"],
    ["Runs on", info.device],
    ["Header ready after", `${formatInteger(info.openMilliseconds)} ms`],
    ["Weights in place after", `${formatInteger(info.loadMilliseconds)} ms`],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
