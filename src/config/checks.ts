import type { Lengths, RunSpec } from '../schema/run-config.ts';
import type { Level, Said } from './level.ts';
import type { Problem } from './problem.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** A lifted value skipped the schema of its field: the same bounds hold for it. */
export function rangeProblems(level: Level): Problem[] {
  const positive = new Set([
    'tensor_parallel_sizes',
    'pipeline_parallel_sizes',
    'max_num_seqs',
    'num_prompts',
    'input_len',
    'output_len',
    'max_model_len',
  ]);
  const problems: Problem[] = [];
  for (const [field, { value, valuePlace }] of level.lifted) {
    const least = positive.has(field) ? 1 : ['warmups', 'seed', 'prefix_len'].includes(field) ? 0 : null;
    if (least !== null && Number(value) < least) {
      problems.push({
        ...valuePlace,
        message: `args: expected at least ${least}, got ${value}`,
        hint: null,
      });
    }
    if (field === 'gpu_memory_utilization' && (Number(value) <= 0 || Number(value) > 1)) {
      problems.push({
        ...valuePlace,
        message: `args: expected a share between 0 and 1, got ${value}`,
        hint: null,
      });
    }
  }
  return problems;
}

/** A length in `args` beside a workload of another length: one of the two would be ignored. */
export function lengthProblems(level: Level, lengths: readonly Lengths[]): Problem[] {
  const written = level.fields.length_configs ?? [];
  return (['input_len', 'output_len', 'prefix_len'] as const).flatMap((field) => {
    const said = level.lifted.get(field);
    // Lengths that were written beside it were compared there, with their own place.
    const other = lengths.find(
      (length) =>
        !written.includes(length as (typeof written)[number]) &&
        length[field] !== undefined &&
        length[field] !== said?.value,
    );
    if (said === undefined || other === undefined) return [];
    return [
      {
        ...said.flagPlace,
        message: `args say ${field} ${said.value}, but a workload of this run has ${other[field]}`,
        hint: 'take the length out of args: the workload has it',
      },
    ];
  });
}

/** One of the two lengths of a workload in `args`, and the other nowhere at this level. */
export function halfLength(there: Said, other: '--input-len' | '--output-len'): Problem {
  return {
    ...there.flagPlace,
    message: `args say one length, and ${other} is missing beside it`,
    hint: 'better: length_configs: [{input_len: 1024, output_len: 1024}]',
  };
}

/** What only the whole run shows. */
export function specProblems(
  spec: RunSpec,
  { path, source, isLeftOut }: { path: Path; source: YamlSource; isLeftOut: (...fields: string[]) => boolean },
): Problem[] {
  const problems: Problem[] = [];
  if (spec.models.length === 0 && !isLeftOut('model', 'args')) {
    problems.push({
      ...source.place([...path, 'name'], 'key'),
      message: 'this run has no model',
      hint: 'write: model: meta-llama/Llama-3.1-70B-Instruct, or --model in args',
    });
  }
  for (const [index, length] of spec.lengths.entries()) {
    for (const prefix of length.prefix_len === undefined ? spec.prefix_lens : [length.prefix_len]) {
      const place = length.prefix_len === undefined ? ['prefix_lens'] : ['length_configs', index, 'prefix_len'];
      problems.push(
        ...prefixProblems({ ...length, prefix_len: prefix }, spec.prefix_mode, [...path, ...place], source),
      );
    }
  }
  if (spec.driver.kind !== 'resident') {
    const why = `driver: ${spec.driver.kind} runs vLLM's own benchmark`;
    if (spec.num_prefixes.some((count) => count > 1)) {
      problems.push({
        ...source.place([...path, 'num_prefixes'], 'key'),
        message: `${why}, which has one shared prefix only`,
        hint: 'use driver: resident',
      });
    }
    if (spec.until !== null) {
      problems.push({
        ...source.place([...path, 'until'], 'key'),
        message: `${why}, a process for each measurement, which cannot stop when it is steady`,
        hint: 'use driver: resident, or repeats without until',
      });
    }
  }
  if (spec.until !== null && spec.until.max_repeats < spec.repeats) {
    problems.push({
      ...source.place([...path, 'until', 'max_repeats']),
      message: `max_repeats ${spec.until.max_repeats} is less than repeats ${spec.repeats}, which are made in any case`,
      hint: `write: max_repeats: ${Math.max(spec.repeats, 10)}, or fewer repeats`,
    });
  }
  return problems;
}

/** An inclusive prefix is part of the input, so it cannot be longer. */
export function prefixProblems(length: Lengths, mode: string | undefined, path: Path, source: YamlSource): Problem[] {
  if (length.prefix_len === undefined || mode === 'additive' || length.prefix_len <= length.input_len) return [];
  return [
    {
      ...source.place(path),
      message: `a shared prefix of ${length.prefix_len} tokens does not fit into an input of ${length.input_len}`,
      hint: 'prefix_len is part of input_len; for vLLM’s literal meaning (prefix + input) write prefix_mode: additive',
    },
  ];
}

/** Two runs of one name. */
export function twinProblem(name: string, first: number, second: number, source: YamlSource): Problem {
  const place = source.place(['standalone_runs', first, 'name']);
  return {
    ...source.place(['standalone_runs', second, 'name']),
    message: `the name ${JSON.stringify(name)} is taken by the run at line ${place.line}`,
    hint: 'give every run a name of its own: results are keyed by it',
  };
}
