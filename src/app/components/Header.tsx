import type { Theme } from "../state/useTheme.ts";
import { Icon, type IconName } from "./Icon.tsx";
import { MODIFIER } from "./ShortcutsDialog.tsx";

export type Mode = "chat" | "completion";

interface HeaderProps {
  modelName?: string;
  modelTag?: string;
  /** "none": neither is shown now. */
  mode?: Mode | "none";
  onMode: (mode: Mode) => void;
  onModel: () => void;
  onOpen: () => void;
  /** Not there when there is nothing to begin anew. */
  onNew?: () => void;
  onSettings: () => void;
  onShortcuts: () => void;
  benchmark: boolean;
  onBenchmark: () => void;
  theme: Theme;
  onTheme: () => void;
}

const THEMES: Record<Theme, { icon: IconName; label: string }> = {
  system: { icon: "system", label: "Theme: as the system" },
  light: { icon: "sun", label: "Theme: light" },
  dark: { icon: "moon", label: "Theme: dark" },
};

export function Header(props: HeaderProps) {
  const { modelName, modelTag, mode, onMode, theme } = props;
  const { icon, label } = THEMES[theme];
  return (
    <header className="header">
      <h1 className="brand">
        <Logo />
        <span>webgguf</span>
      </h1>
      {modelName && (
        <button type="button" className="model-chip" onClick={props.onModel} title={`About this model (${MODIFIER}+I)`}>
          <span className="model-chip-name">{modelName}</span>
          {modelTag && <span className="model-chip-tag">{modelTag}</span>}
        </button>
      )}
      <div className="header-space" />
      {mode && (
        <fieldset className="segmented">
          <legend className="visually-hidden">Mode</legend>
          <ModeButton name="Chat" on={mode === "chat"} onClick={() => onMode("chat")} />
          <ModeButton name="Completion" on={mode === "completion"} onClick={() => onMode("completion")} />
        </fieldset>
      )}
      <nav className="header-actions" aria-label="Actions">
        <button
          type="button"
          className="icon-button header-benchmark"
          aria-pressed={props.benchmark}
          aria-label="Benchmark"
          onClick={props.onBenchmark}
          title={`Benchmark (${MODIFIER}+B)`}
        >
          <Icon name="gauge" />
          <span className="wide-only">Benchmark</span>
        </button>
        {props.onNew && (
          <Action
            icon="plus"
            label={mode === "completion" ? "New text" : "New chat"}
            keys={`${MODIFIER}+Shift+O`}
            onClick={props.onNew}
          />
        )}
        {modelName && <Action icon="open" label="Open another model" keys={`${MODIFIER}+O`} onClick={props.onOpen} />}
        <Action icon="settings" label="Settings" keys={`${MODIFIER}+,`} onClick={props.onSettings} />
        <Action icon={icon} label={label} onClick={props.onTheme} />
        <Action icon="keyboard" label="Keyboard" keys={`${MODIFIER}+/`} onClick={props.onShortcuts} wideOnly />
      </nav>
    </header>
  );
}

function ModeButton({ name, on, onClick }: { name: string; on: boolean; onClick: () => void }) {
  return (
    <button type="button" aria-pressed={on} onClick={onClick}>
      {name}
    </button>
  );
}

interface ActionProps {
  icon: IconName;
  label: string;
  keys?: string;
  onClick: () => void;
  wideOnly?: boolean;
}

function Action({ icon, label, keys, onClick, wideOnly }: ActionProps) {
  return (
    <button
      type="button"
      className={wideOnly ? "icon-button wide-only" : "icon-button"}
      onClick={onClick}
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
    >
      <Icon name={icon} />
    </button>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" className="logo-ground" />
      <path d="M8 20.5v-4M13.3 23v-9.5M18.7 20v-8M24 23V9" className="logo-bars" />
    </svg>
  );
}
