import { cpus as hostCpus, hostname, type as osType, version as osVersion, release, totalmem } from 'node:os';
import { execa } from 'execa';
import type { Environment } from '../schema/environment.ts';
import type { Facts } from '../schema/facts.ts';
import { withoutSecrets } from '../schema/secrets.ts';

/** What the Python probe found beside the capabilities. */
export interface PythonFindings {
  readonly python: string | null;
  readonly packages: Readonly<Record<string, string>>;
  readonly cuda_version: string | null;
}

/** Variables that can change a number, by the beginnings of their names. */
const RELEVANT =
  /^(?:VLLM_|CUDA_|NVIDIA_|NCCL_|TORCH|PYTORCH_|TRITON_|HF_|TPU_|XLA_|JAX_|LIBTPU_|MODEL_IMPL_TYPE|SKIP_JAX_PRECOMPILE|NEW_MODEL_DESIGN|USE_MOE_EP_KERNEL|OMP_|MKL_|KMP_|GOMP_|LD_PRELOAD|LD_LIBRARY_PATH|ROCR_|HIP_|HSA_|FLASHINFER_|PYTHON|VIRTUAL_ENV|CONDA_PREFIX|SLURM_JOB_ID|UCX_|GLOO_|RAY_)/;

/** The variables that can change a number, with what is secret taken out. */
export function relevantVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const relevant = Object.entries(env)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && RELEVANT.test(entry[0]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return withoutSecrets(Object.fromEntries(relevant));
}

/** Of these, the ones that change how an engine computes, and not where it keeps or tells things. */
const COMPUTES =
  /^(?:VLLM_|NCCL_|TORCH|PYTORCH_|TRITON_|FLASHINFER_|OMP_|MKL_|KMP_|GOMP_|CUDA_(?!VISIBLE|HOME|PATH|DEVICE_ORDER)|XLA_|LIBTPU_|TPU_BACKEND|MODEL_IMPL_TYPE|SKIP_JAX|NEW_MODEL_DESIGN|USE_MOE_EP|LD_PRELOAD|PYTORCH_|HSA_|ROCR_(?!VISIBLE))/;
const BESIDE =
  /_(?:ROOT|DIR|HOME|PATH|CACHE|LOG\w*|LOGGING\w*|STATS|PORT|IP|HOST\w*|ADDR)$|LOGGING|USAGE|CACHE_ROOT|CACHE_DIR/;

/** The variables that belong to a job's identity: a number measured with others is another job's. */
export function computingVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const relevant = Object.entries(relevantVariables(env));
  return Object.fromEntries(relevant.filter(([name]) => COMPUTES.test(name) && !BESIDE.test(name)));
}

export interface EnvironmentInput {
  readonly facts: Facts;
  readonly findings: PythonFindings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
  readonly version: string;
}

/** Where this run happens. What cannot be found out is null and says why in `absent`; nothing here fails the run. */
export async function recordEnvironment({
  facts,
  findings,
  env,
  now,
  version,
}: EnvironmentInput): Promise<Environment> {
  const absent: Record<string, string> = {};
  const gpus = await gpuLines();
  if (gpus === null) absent['driver_version'] = 'nvidia-smi is not there or does not answer';
  if (facts.capabilities === null) absent['vllm_version'] = 'no Python with vLLM was asked';
  if (findings.cuda_version === null) absent['cuda_version'] = 'torch was not built for CUDA';
  const cores = hostCpus();
  return {
    schema: 1,
    recorded_at: now.toISOString(),
    orchestrate_version: version,
    node_version: process.version,
    hostname: hostname(),
    os: `${osType()} ${osVersion()}`,
    kernel: release(),
    cpu: { model: cores[0]?.model.trim() ?? 'unknown', cores: cores.length },
    memory_bytes: totalmem(),
    python: findings.python,
    python_version: facts.capabilities?.python_version ?? null,
    vllm_version: facts.capabilities?.vllm_version ?? null,
    vllm_distribution: facts.capabilities?.distribution ?? null,
    torch_version: facts.capabilities?.torch_version ?? null,
    cuda_version: findings.cuda_version,
    driver_version: gpus?.[0]?.driver ?? null,
    devices: gpus?.map(({ name, memoryBytes }) => ({ name, memory_bytes: memoryBytes })) ?? [],
    packages: { ...findings.packages },
    variables: relevantVariables(env),
    checkpoints: facts.checkpoints,
    absent,
  };
}

async function gpuLines(): Promise<{ name: string; memoryBytes: number | null; driver: string }[] | null> {
  const args = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  const result = await execa('nvidia-smi', args, { reject: false, timeout: 20_000 });
  if (result.exitCode !== 0) return null;
  return result.stdout.split('\n').flatMap((line) => {
    // NVIDIA B200, 183359, 570.133.20
    const parts = /^(?<name>.+), (?<memory>[^,]+), (?<driver>[^,]+)$/.exec(line.trim())?.groups;
    if (parts === undefined) return [];
    const mebibytes = Number(parts['memory']);
    return [
      {
        name: parts['name'] ?? '',
        memoryBytes: Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null,
        driver: parts['driver'] ?? '',
      },
    ];
  });
}
