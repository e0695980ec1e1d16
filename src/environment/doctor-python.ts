import type { Accelerator } from './accelerators.ts';
import type { DoctorCheck, DoctorInput } from './doctor.ts';
import { staleEnvironments } from './own-environment.ts';
import { shipped } from './package-files.ts';
import type { FoundPython, PythonChoice, PythonOrigin } from './python.ts';
import { setupAdvice } from './setup.ts';
import { hasBuiltinModel } from './tiny-model.ts';

const WHY: Record<PythonOrigin, string> = {
  given: 'it was named',
  activated: 'its environment is activated',
  path: 'first on PATH with vLLM',
  own: 'the environment that setup made',
};

/** Which Python, why that one, and what its vLLM can do. */
export function pythonChecks(
  choice: PythonChoice,
  accelerators: readonly Accelerator[],
  input: DoctorInput,
): DoctorCheck[] {
  const after = [tinyModel(input), ...staleCheck(input)];
  if (choice.kind !== 'found') return [withoutPython(choice, accelerators, input), ...after];
  return [found(choice), vllm(choice), torch(choice, accelerators), benchThroughput(choice), ...after];
}

function withoutPython(
  choice: Exclude<PythonChoice, FoundPython>,
  accelerators: readonly Accelerator[],
  { command }: DoctorInput,
): DoctorCheck {
  const common = { id: 'python', title: 'Python with vLLM', status: 'fail' } as const;
  if (choice.kind !== 'none') return { ...common, detail: choice.message, remedy: choice.remedy };
  const tried = choice.tried.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  const advice = setupAdvice(accelerators, command);
  const detail = tried === '' ? 'none on PATH' : `none (${tried})`;
  if (advice.kind === 'offer') return { ...common, detail, remedy: advice.remedy };
  return { ...common, status: 'warn', detail, remedy: `${command} setup (the first run does it by itself)` };
}

function found({ path, origin, capabilities }: FoundPython): DoctorCheck {
  const detail = `${path}, Python ${capabilities.python_version} (${WHY[origin]})`;
  return { id: 'python', title: 'Python with vLLM', status: 'ok', detail, remedy: null };
}

function vllm({ capabilities, probe }: FoundPython): DoctorCheck {
  const carrier = capabilities.distribution ?? 'a source tree';
  const detail = `${capabilities.vllm_version} (${carrier}) in ${probe.vllm_path}`;
  return { id: 'vllm', title: 'vLLM', status: 'ok', detail, remedy: null };
}

function torch({ path, probe, capabilities }: FoundPython, accelerators: readonly Accelerator[]): DoctorCheck {
  const common = { id: 'torch', title: 'torch' };
  const version = capabilities.torch_version;
  if (version === null) {
    const remedy = `${path} -m pip install vllm`;
    return { ...common, status: 'fail', detail: 'missing: vLLM cannot start without it', remedy };
  }
  const detail = `${version} (${probe.cuda_version === null ? 'no CUDA' : `CUDA ${probe.cuda_version}`})`;
  const wasted = accelerators.some(({ kind }) => kind === 'cuda') && probe.cuda_version === null;
  if (!wasted) return { ...common, status: 'ok', detail, remedy: null };
  return {
    ...common,
    status: 'warn',
    detail: `${detail}, on a host with NVIDIA GPUs: they would not be used`,
    remedy: 'install vLLM for CUDA in an environment and activate it, or name its Python with --python',
  };
}

function benchThroughput({ path, capabilities }: FoundPython): DoctorCheck {
  const common = { id: 'bench-throughput', title: 'vllm bench throughput' };
  if (capabilities.bench.includes('throughput')) return { ...common, status: 'ok', detail: 'there', remedy: null };
  const remedy = `${path} -m pip install --upgrade vllm`;
  return { ...common, status: 'fail', detail: `vLLM ${capabilities.vllm_version} has none`, remedy };
}

function tinyModel({ tools, command }: DoctorInput): DoctorCheck {
  const common = { id: 'tiny-model', title: 'Model of the quickstart' };
  if (hasBuiltinModel(tools, 'tiny-llama')) return { ...common, status: 'ok', detail: 'made', remedy: null };
  return {
    ...common,
    status: 'absent',
    detail: 'not made yet: the first run that asks for it does',
    remedy: `${command} setup`,
  };
}

function staleCheck({ tools, packageRoot }: DoctorInput): DoctorCheck[] {
  const stale = staleEnvironments(tools, shipped(packageRoot, 'vllmLock'));
  if (stale.length === 0) return [];
  const detail = `${stale.length} of earlier lock files or half made, about 2 GB each`;
  const remedy = `rm -rf ${stale.map((directory) => `'${directory}'`).join(' ')}`;
  return [{ id: 'stale-environments', title: 'Old environments', status: 'warn', detail, remedy }];
}
