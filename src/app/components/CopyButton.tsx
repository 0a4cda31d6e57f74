import { useEffect, useState } from "react";
import { Icon } from "./Icon.tsx";

const SHOWN_MILLISECONDS = 1600;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => {},
    );
  return (
    <button
      type="button"
      className="icon-button small"
      onClick={copy}
      aria-label={copied ? "Copied" : label}
      title={label}
    >
      <Icon name={copied ? "check" : "copy"} size={16} />
    </button>
  );
}
