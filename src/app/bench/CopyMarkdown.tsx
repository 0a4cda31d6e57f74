import { useEffect, useState } from "react";
import { Icon } from "../components/Icon.tsx";

const SHOWN_MILLISECONDS = 1600;

export function CopyMarkdown({ text }: { text: () => string }) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () =>
    navigator.clipboard.writeText(text()).then(
      () => setOutcome("copied"),
      () => setOutcome("refused"),
    );
  return (
    <button type="button" className="button" onClick={copy}>
      <Icon name={outcome === "copied" ? "check" : "copy"} size={16} />
      {outcome === "copied" ? "Copied" : outcome === "refused" ? "Not allowed" : "Copy as Markdown"}
    </button>
  );
}
