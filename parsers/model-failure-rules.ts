import type { FailureClassId } from '../src/schema/failure-class.ts';

/** What a decisive error of a class looks like; every part that is there must match. */
export interface Rule {
  readonly class: FailureClassId;
  /** `OutOfMemoryError`; the empty string for what is no Python exception. */
  readonly exception?: RegExp;
  /** Its message, without the name of the exception: one of these. */
  readonly says?: readonly RegExp[];
  /** A line of its message beyond the first. */
  readonly adds?: RegExp;
}

/**
 * What speaks of the model or its files, and may name it: held to the beginning or end of the message, as the name of a
 * model may be anything.
 */
export const MODEL_FAILURE_RULES: readonly Rule[] = [
  // Hugging Face: transformers 5.19 and the huggingface_hub that it needs; requests of older ones.
  { class: 'model-gated', exception: /^GatedRepoError$/ },
  {
    class: 'model-gated',
    exception: /^OSError$/,
    says: [/^You are trying to access a gated repo\.$/],
  },
  {
    class: 'model-gated',
    exception: /^(?:HTTPError|HTTPStatusError|HfHubHTTPError)$/,
    says: [/^40[13] Client Error/, /^Client error '40[13] /],
  },
  {
    class: 'model-gated',
    exception: /^OSError$/,
    says: [/^There was a specific connection error when/],
    adds: /^40[13] (?:Client Error|Forbidden)/,
  },
  { class: 'model-not-found', exception: /^(?:RepositoryNotFoundError|RevisionNotFoundError)$/ },
  {
    class: 'model-not-found',
    exception: /^OSError$/,
    says: [
      /is not a local folder and is not a valid model identifier listed on '[^']*'$/,
      /is not a valid git identifier/,
    ],
  },
  { class: 'model-not-found', exception: /^(?:OSError|HFValidationError)$/, says: [/^Repo id must be in the form/] },
  { class: 'model-not-found', says: [/^Invalid repository ID or local directory specified:/] },
  {
    class: 'bad-checkpoint',
    exception: /^OSError$/,
    says: [
      /does not appear to have (?:a file|files) named/,
      /^It looks like the config file at .* is not a valid JSON file/,
    ],
  },
  {
    class: 'model-offline',
    exception: /^(?:LocalEntryNotFoundError|NameResolutionError|ConnectError|SSLError)$/,
  },
  {
    class: 'model-offline',
    exception: /^OSError$/,
    says: [/^We couldn't connect to '/, /^There was a specific connection error when/],
  },
  {
    class: 'model-offline',
    exception: /^Connect\w*Error$/,
    says: [/huggingface\.co/, /\bhf\.co/],
  },
  {
    class: 'unsupported-model',
    says: [
      /^Model architectures? .* (?:are|is) not supported/,
      /^The checkpoint you are trying to load has model type/,
    ],
  },

  // Weights: safetensors, torch, and vLLM's loaders (weight_utils.py, default_loader.py, sharded_state_loader.py).
  { class: 'bad-checkpoint', exception: /^SafetensorError$|^UnpicklingError$/ },
  {
    class: 'bad-checkpoint',
    says: [
      /^Cannot find any model weights with /,
      /^Following weights were not initialized from checkpoint/,
      /^Missing keys \(.*in loaded state!$/,
      /^PytorchStreamReader failed/,
      /^Couldn't instantiate the backend tokenizer/,
    ],
  },
];
