/** What a tensor is to quantization and to a token; see ModelSize. */
export type TensorKind = 'embedding' | 'linear' | 'expert' | 'other';

/** One tensor of a model, or the like tensors of all experts of a layer. */
export interface Tensor {
  /**
   * Its module within its layer, such as `self_attn.q_proj`, as checkpoints name it; `{expert}` stands for the number
   * of an expert. Null for what is counted only: biases, and what some checkpoints leave out.
   */
  readonly module: string | null;
  readonly kind: TensorKind;
  /** Elements of one tensor. */
  readonly elements: number;
  /** Experts that have one each; 1 for everything else. */
  readonly copies: number;
  /** How many of the copies one token is multiplied with; 0 for a table that is only looked up. */
  readonly used: number;
}

export interface Layer {
  readonly tensors: readonly Tensor[];
  /** Elements that one token leaves in the KV cache. */
  readonly kvElements: number;
  /** Heads that keep keys and values of their own; null for a latent. */
  readonly kvHeads: number | null;
  /** 4 x this x context is the FLOPs of attention for one token. */
  readonly attentionWidth: number;
  /** Null for a layer that looks back at all tokens. */
  readonly window: Window | null;
}

/** What a layer looks back at: the last `tokens` tokens, or those of its own chunk of that length. */
export interface Window {
  readonly tokens: number;
  readonly chunked: boolean;
}

/** A language model, tensor by tensor. */
export interface ModelParts {
  /** Embedding, last norm and output head; module names without a prefix. */
  readonly top: readonly Tensor[];
  readonly layers: readonly Layer[];
  readonly experts: { readonly total: number; readonly per_token: number } | null;
}

export function linear(module: string, inputs: number, outputs: number): Tensor {
  return { module, kind: 'linear', elements: inputs * outputs, copies: 1, used: 1 };
}

/** Weight of a norm, or another small tensor that every checkpoint has. */
export function vector(module: string, elements: number): Tensor {
  return { module, kind: 'other', elements, copies: 1, used: 1 };
}

/** Counted, but not looked for in a checkpoint. */
export function uncheckedVector(elements: number): Tensor {
  return { module: null, kind: 'other', elements, copies: 1, used: 1 };
}

/** A table that a token's number or position picks a row of. */
export function lookup(module: string, rows: number, width: number): Tensor {
  return { module, kind: 'embedding', elements: rows * width, copies: 1, used: 0 };
}

/** Embedding and output head; a tied head is the embedding itself, which is then multiplied with. */
export function embeddings(module: string, vocabulary: number, hidden: number, tied: boolean): Tensor[] {
  const table = lookup(module, vocabulary, hidden);
  if (tied) return [{ ...table, used: 1 }];
  return [table, { ...table, module: 'lm_head', used: 1 }];
}
