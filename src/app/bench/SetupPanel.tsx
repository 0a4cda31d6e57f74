import { useState } from "react";
import type { Machine } from "../../bench/types.ts";
import { bytesOf } from "../../synthetic/files.ts";
import { Icon } from "../components/Icon.tsx";
import { useStored } from "../state/storage.ts";
import { DeviceFields, usualBackends } from "./DeviceFields.tsx";
import { type BenchForm, devicesOf, planOf, readForm, whatIsMissing } from "./form.ts";
import { Check, ModelPicker } from "./ModelPicker.tsx";
import { isTight, type OpenModel } from "./subjects.ts";
import { TestFields } from "./TestFields.tsx";
import type { BenchOrder } from "./useBench.ts";
import type { SyntheticFiles } from "./useSyntheticFiles.ts";

interface SetupPanelProps {
  machine?: Machine;
  loaded?: OpenModel;
  /** Why nothing can be measured now. */
  hindrance?: string;
  files: SyntheticFiles;
  running: boolean;
  onRun: (order: Omit<BenchOrder, "name" | "makeRoom">, close: boolean) => void;
}

/** What is to be measured. */
export function SetupPanel({ machine, loaded, hindrance, files, running, onRun }: SetupPanelProps) {
  const [form, setForm] = useStored("local", "webgguf.bench", readForm);
  const change = (part: Partial<BenchForm>) => setForm((now) => ({ ...now, ...part }));
  const synthetic = form.synthetic ?? (loaded ? [] : [{ shape: "qwen2.5-0.5b", mix: "Q4_0" } as const]);
  const backends = form.backends ?? usualBackends(machine);
  const plan = planOf(form);
  const open = form.open && loaded !== undefined;
  const afresh = form.afresh && loaded !== undefined;
  const opens = afresh || synthetic.length > 0;

  const largest = Math.max(0, ...synthetic.map(bytesOf), afresh && loaded ? loaded.model.info.fileBytes : 0);
  const tight = loaded !== undefined && opens && isTight(loaded, largest, machine?.memoryGigabytes);
  const [close, setClose] = useState<boolean>();
  const closes = opens && (close ?? tight);

  // An open model has its own device: any name does.
  const devices = devicesOf(form, backends);
  const reason = hindrance ?? whatIsMissing(form, { open, opens, devices: devices.length });

  const run = () =>
    onRun(
      { plan, devices: devices.length > 0 ? devices : [{ backend: "auto" }], open, afresh, synthetic, loaded },
      closes && loaded !== undefined,
    );
  return (
    <form
      className="bench-setup"
      aria-label="What to measure"
      onSubmit={(event) => {
        event.preventDefault();
        if (!reason && !running) run();
      }}
    >
      <fieldset className="bench-form" disabled={running}>
        <ModelPicker form={form} synthetic={synthetic} onChange={change} loaded={loaded} files={files} />
        <DeviceFields form={form} backends={backends} machine={machine} onChange={change} />
        <TestFields form={form} onChange={change} />
        {loaded && opens && (
          <Check
            label={`Close ${loaded.model.info.name} for the others`}
            help={
              tight
                ? "Both might not fit into memory. The conversation stays, and the model can be loaded again afterwards."
                : "Not needed for memory. The conversation stays, and the model can be loaded again afterwards."
            }
            checked={closes}
            onChange={setClose}
          />
        )}
        <div className="bench-run-bar">
          <button type="submit" className="button primary large" disabled={reason !== undefined || running}>
            <Icon name="gauge" />
            Run the benchmark
          </button>
          {reason && <p className="field-help">{reason}</p>}
        </div>
      </fieldset>
    </form>
  );
}
