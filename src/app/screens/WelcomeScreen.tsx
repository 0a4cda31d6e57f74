import { Icon } from "../components/Icon.tsx";
import { OpenPanel, type OpenPanelProps } from "../components/OpenPanel.tsx";
import { useMissing } from "../state/useMissing.ts";

/** The first visit: what this is, and the ways to a model. */
export function WelcomeScreen(props: OpenPanelProps) {
  const missing = useMissing();
  return (
    <div className="welcome">
      <div className="welcome-head">
        <h2>Run a language model in this tab</h2>
        <p>
          Bring a GGUF file and talk to it. It is read straight from your disk: nothing is installed, converted or
          uploaded.
        </p>
      </div>
      <OpenPanel {...props} />
      <div className="welcome-foot">
        <PrivacyLine />
        {missing.map((sentence) => (
          <p key={sentence} className="hint">
            <Icon name="info" size={15} />
            {sentence}
          </p>
        ))}
        <p className="muted">
          No model at hand?{" "}
          <a href="https://huggingface.co/models?library=gguf&sort=trending" target="_blank" rel="noopener noreferrer">
            Hugging Face lists GGUF files
          </a>
          ; one of 0.5 to 4 billion parameters in Q4_K_M suits most machines.
        </p>
      </div>
    </div>
  );
}

export function PrivacyLine() {
  return (
    <p className="privacy">
      <Icon name="lock" size={15} />
      Nothing leaves this tab: no prompt, no answer, no file.
    </p>
  );
}
