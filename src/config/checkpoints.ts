import { closest } from 'fastest-levenshtein';
import type { RunSpec } from '../schema/run-config.ts';
import type { Problem } from './problem.ts';
import type { WrittenConfig } from './written.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** What is wrong with a run's own `checkpoints`. */
export function checkpointProblems(
  spec: RunSpec,
  { path, source, isLeftOut }: { path: Path; source: YamlSource; isLeftOut: (...fields: string[]) => boolean },
): Problem[] {
  const place = [...path, 'checkpoints'];
  const problems: Problem[] = [];
  if (spec.models.length > 1) problems.push(severalModels(spec.models.length, place, source));
  if (isLeftOut('quantization', 'args')) return problems;
  const asked = precisionsOf(spec);
  for (const key of Object.keys(spec.checkpoints))
    if (!asked.includes(key)) problems.push(unaskedPrecision(key, asked, spec, [...place, key], source));
  return problems;
}

/**
 * What is wrong with the `checkpoints` of the defaults, seen by the runs that inherit them: they are of one model, and
 * each of their precisions is asked for by some run.
 */
export function inheritedCheckpoints(written: WrittenConfig, runs: readonly RunSpec[], source: YamlSource): Problem[] {
  const checkpoints = written.defaults?.checkpoints;
  const heirs = runs.filter((_, index) => written.standalone_runs[index]?.checkpoints === undefined);
  if (checkpoints === undefined || heirs.length === 0) return [];
  const place = ['defaults', 'checkpoints'];
  const models = new Set(heirs.flatMap((run) => run.models));
  const asked = [...new Set(heirs.flatMap(precisionsOf))];
  const unasked = Object.keys(checkpoints).filter((key) => !asked.includes(key));
  return [
    ...(models.size > 1 ? [severalModels(models.size, place, source)] : []),
    ...unasked.map((key) => unaskedPrecision(key, asked, heirs[0], [...place, key], source)),
  ];
}

/** `auto` is whatever the model itself is, so that it needs no other checkpoint. */
function precisionsOf({ quantizations }: RunSpec): string[] {
  return quantizations.map((item) => item ?? 'none').filter((item) => item !== 'auto');
}

/** A checkpoint is one of one model: which of several it is of cannot be said in a map of precisions. */
function severalModels(count: number, place: Path, source: YamlSource): Problem {
  return {
    ...source.place(place, 'key'),
    message: `checkpoints are of one model, and here ${count} models would share them`,
    hint: 'write a run for each model, each with its own model: ... and checkpoints: {fp8: ..., fp4: ...}',
  };
}

function unaskedPrecision(
  key: string,
  asked: readonly string[],
  spec: RunSpec | undefined,
  place: Path,
  source: YamlSource,
): Problem {
  const all = Object.keys(spec?.checkpoints ?? {})
    .filter((name) => name !== 'auto')
    .join(', ');
  return {
    ...source.place(place, 'key'),
    message: `checkpoints has ${JSON.stringify(key)}, which is none of the precisions that are asked for`,
    hint:
      key === 'auto'
        ? 'auto is whatever the model itself is; write the precision that the checkpoint has, in quantization too'
        : asked.length === 0
          ? `write the precisions too: quantization: [${all}]`
          : `did you mean ${closest(key, [...asked])}? quantization is ${asked.join(', ')}`,
  };
}
