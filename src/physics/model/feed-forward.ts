import { linear, type Tensor, uncheckedVector } from './parts.ts';

/** A gated feed-forward layer (SwiGLU and its like): gate, up and down. */
export function gated(module: string, hidden: number, inner: number, bias = false): Tensor[] {
  return [
    linear(`${module}.gate_proj`, hidden, inner),
    linear(`${module}.up_proj`, hidden, inner),
    linear(`${module}.down_proj`, inner, hidden),
    ...(bias ? [uncheckedVector(2 * inner + hidden)] : []),
  ];
}

export interface Routed {
  /** Where the experts are, such as `mlp.experts`. */
  readonly module: string;
  readonly router: string;
  /** Names of an expert's three matrices, gate and up first: Mixtral has w1, w3 and w2. */
  readonly names: readonly [gate: string, up: string, down: string];
  readonly hidden: number;
  readonly inner: number;
  readonly total: number;
  readonly perToken: number;
}

/** The router and the routed experts of a layer; quantization leaves the router as it is. */
export function routed({ module, router, names, hidden, inner, total, perToken }: Routed): Tensor[] {
  const expert = (name: string): Tensor => ({
    module: `${module}.{expert}.${name}`,
    kind: 'expert',
    elements: hidden * inner,
    copies: total,
    used: perToken,
  });
  return [{ ...linear(router, hidden, total), kind: 'other' }, ...names.map(expert)];
}
