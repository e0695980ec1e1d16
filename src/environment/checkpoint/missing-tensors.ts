import type { ModelParts, Tensor } from '../../physics/model/parts.ts';
import { few } from './few.ts';
import type { LanguageTensors } from './language-tensors.ts';
import { weightsProblem } from './problem.ts';

/**
 * Last parts of names that are no weight but go with one. Each quantizer has words of its own for the weight itself.
 */
const BESIDE = /bias|scale|zero|idx|shape|amax|absmax|quant_map|quant_state|nested/;
/** Names that are a weight without a part of their own for it: all experts of a layer in one tensor. */
const TOGETHER =
  /^(?<parent>.+)\.(?<name>gate_up_proj|gate_proj|up_proj|down_proj|w13|w2)(?:_(?:blocks|packed|weight))?$/;

/** Weights that a name of another kind can stand for: q, k and v in one. */
const MOST_FUSED = 3;

/**
 * The tensors that config.json calls for and no file holds, as sentences. vLLM loads what is there and leaves the rest
 * at random values, without a word and with exit code 0. Nothing is said of a checkpoint whose weights may be there
 * under names that are not known here.
 */
export function missingTensors(parts: ModelParts, stored: LanguageTensors, directory: string): readonly string[] {
  const layers = parts.layers.map(() => new Set<string>());
  const top = new Set<string>();
  for (const { layer, rest } of stored.tensors) {
    const module = moduleOf(rest);
    if (module !== null) (layer === null ? top : layers[layer])?.add(module);
  }
  const wanted = [
    ...parts.top.flatMap((tensor) => wantedModules(tensor).map((module) => ({ module, held: top, at: stored.prefix }))),
    ...parts.layers.flatMap(({ tensors }, number) => {
      const held = layers[number] ?? new Set<string>();
      const at = `${stored.stem}${number}.`;
      return tensors.flatMap((tensor) => wantedModules(tensor).map((module) => ({ module, held, at })));
    }),
  ];
  const missing = wanted.filter(
    ({ module, held }) => !held.has(module) && !alternatives(module).some((name) => held.has(name)),
  );
  const known = new Set(wanted.flatMap(({ module }) => [module, ...alternatives(module)]).map(kindOf));
  const strange = kinds([...top, ...layers.flatMap((held) => [...held])]).filter((kind) => !known.has(kind));
  const nowhere = kinds(missing.map(({ module }) => module));
  if (strange.length * MOST_FUSED >= nowhere.length && missing.length * 2 > wanted.length) return [];
  const names = missing.map(({ module, at }) => (module === 'lm_head' ? 'lm_head.weight' : `${at}${module}.weight`));
  return few(names.map((name) => `no safetensors file in ${directory} holds ${name}, which config.json calls for`)).map(
    weightsProblem,
  );
}

/** Modules as one of them is called in every layer and for every expert. */
function kinds(modules: readonly string[]): readonly string[] {
  return [...new Set(modules.map(kindOf))];
}

/** A module as it is called for every expert: `mlp.experts.*.up_proj`. */
export function kindOf(module: string): string {
  return module.replace(/\.\d+(?=\.|$)/g, '.*');
}

/** The module that a tensor is the weight of; null for a scale, a bias and the like. */
export function moduleOf(rest: string): string | null {
  const together = TOGETHER.exec(rest)?.groups;
  if (together !== undefined) return `${together['parent']}.${together['name']}`;
  const dot = rest.lastIndexOf('.');
  return BESIDE.test(rest.slice(dot + 1)) ? null : rest.slice(0, dot);
}

function wantedModules({ module, copies }: Tensor): readonly string[] {
  if (module === null) return [];
  if (!module.includes('{expert}')) return [module];
  return Array.from({ length: copies }, (_, expert) => module.replace('{expert}', String(expert)));
}

/** Where a weight may be instead: fused with its neighbours, or all experts of a layer in one tensor. */
function alternatives(module: string): readonly string[] {
  const dot = module.lastIndexOf('.');
  const [parent, name] = [module.slice(0, dot), module.slice(dot + 1)];
  const fused = FUSED[name] ?? [];
  const together = /\.\d+$/.test(parent)
    ? [name, ...fused].map((other) => `${parent.replace(/\.\d+$/, '')}.${other}`)
    : [];
  const apart = parent.endsWith('experts') ? (APART[name] ?? []).map((other) => `${parent}.0.${other}`) : [];
  return [...fused.map((other) => `${parent}.${other}`), ...together, ...apart];
}

const FUSED: Readonly<Record<string, readonly string[]>> = {
  q_proj: ['qkv_proj'],
  k_proj: ['qkv_proj'],
  v_proj: ['qkv_proj'],
  qkv_proj: ['q_proj'],
  q_a_proj: ['fused_qkv_a_proj'],
  kv_a_proj_with_mqa: ['fused_qkv_a_proj'],
  gate_proj: ['gate_up_proj', 'w13'],
  up_proj: ['gate_up_proj', 'w13'],
  gate_up_proj: ['gate_proj', 'w13'],
  down_proj: ['w2'],
  w1: ['w13'],
  w3: ['w13'],
};
/** Quantizers take experts apart that were trained as one tensor. */
const APART: Readonly<Record<string, readonly string[]>> = {
  gate_up_proj: ['gate_proj', 'gate_up_proj'],
  down_proj: ['down_proj'],
};
