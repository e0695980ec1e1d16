import type { EngineReport } from '../../src/schema/engine.ts';
import { attest } from '../../src/summary/attest.ts';
import type { Asked, Measured } from '../../src/summary/check.ts';
import { captured } from '../fixtures/captured.ts';

/** Edges of the checks, on a recorded run that is clean: its engine and what was asked of it are changed together. */
export function codes(changes: {
  run?: string;
  asked?: Partial<Asked>;
  settings?: Partial<Asked['engine']>;
  engine?: Partial<EngineReport>;
  measured?: Partial<Measured>;
}): string[] {
  const [first] = captured(changes.run ?? 'reported-plain');
  if (first?.measured.engine == null) throw new Error('no engine report');
  const { asked, measured } = first;
  const engine = { ...measured.engine, ...changes.engine } as EngineReport;
  return attest(
    { ...asked, ...changes.asked, engine: { ...asked.engine, ...changes.settings } },
    { ...measured, engine, ...changes.measured },
  ).map(({ code }) => code);
}
