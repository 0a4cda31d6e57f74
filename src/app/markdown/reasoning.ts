/** Models that think aloud do so first, between these marks. Some templates write the opening one themselves. */
const OPEN = "<think>";
const CLOSE = "</think>";

export interface Spoken {
  /** What the model thought, if it did. */
  reasoning?: string;
  /** Whether it is still at it. */
  thinking: boolean;
  answer: string;
}

/** Parts a model's thoughts from its answer. */
export function splitReasoning(text: string): Spoken {
  const trimmed = text.trimStart();
  const opened = trimmed.startsWith(OPEN);
  const close = trimmed.indexOf(CLOSE);
  if (close >= 0) {
    const reasoning = trimmed.slice(opened ? OPEN.length : 0, close).trim();
    const answer = trimmed.slice(close + CLOSE.length).trimStart();
    return { ...(reasoning && { reasoning }), thinking: false, answer };
  }
  if (opened) return { reasoning: trimmed.slice(OPEN.length).trim(), thinking: true, answer: "" };
  return { thinking: false, answer: OPEN.startsWith(trimmed) ? "" : text };
}
