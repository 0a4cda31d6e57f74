import type { Machine } from "../../bench/types.ts";
import { type BenchBackend, type BenchForm, formErrors } from "./form.ts";
import { ListInput } from "./ListInput.tsx";
import { Check } from "./ModelPicker.tsx";

interface DeviceFieldsProps {
  form: BenchForm;
  backends: readonly BenchBackend[];
  machine?: Machine;
  onChange: (change: Partial<BenchForm>) => void;
}

/** Where models are opened and kernels measured. */
export function DeviceFields({ form, backends, machine, onChange }: DeviceFieldsProps) {
  const set = (backend: BenchBackend) => (on: boolean) =>
    onChange({ backends: on ? [...backends, backend] : backends.filter((one) => one !== backend) });
  const gpu = machine?.gpu;
  const gpuHelp = gpu ? `${gpu.adapter}${gpu.fallback ? ", in software: slow" : ""}` : "Not in this browser.";
  return (
    <fieldset className="bench-card">
      <legend>Devices</legend>
      <Check
        label="GPU (WebGPU)"
        help={machine && gpuHelp}
        checked={backends.includes("webgpu")}
        onChange={set("webgpu")}
      />
      <Check label="CPU (WebAssembly)" checked={backends.includes("wasm")} onChange={set("wasm")} />
      {backends.includes("wasm") && (
        <ListInput
          label="Threads of the CPU path"
          help="Several numbers measure each. Empty: as many as it takes by itself."
          error={formErrors(form).threads}
          placeholder="by itself"
          value={form.threads}
          onChange={(threads) => onChange({ threads })}
        />
      )}
    </fieldset>
  );
}

/** The GPU where there is a real one, and the CPU. */
export function usualBackends(machine: Machine | undefined): readonly BenchBackend[] {
  return machine?.gpu && !machine.gpu.fallback ? ["webgpu", "wasm"] : ["wasm"];
}
