import { join } from 'node:path';
import { type EngineLogFacts, parseEngineLogFacts } from '../../parsers/engine-log.ts';
import { AttemptTelemetry } from './attempt-telemetry.ts';
import { linesOfEvidence, problemOf } from './evidence.ts';

/** What is read of an attempt for all its measurements together. */
export class AttemptLog {
  /** What the hardware did meanwhile. */
  readonly telemetry: AttemptTelemetry;
  readonly #stdout: string;
  #facts: EngineLogFacts | null = null;

  /** `folder` is the attempt's. */
  constructor(folder: string) {
    this.telemetry = new AttemptTelemetry(folder);
    this.#stdout = join(folder, 'stdout.log');
  }

  /**
   * What the engine says on stdout about itself, read when it is first asked for and then kept. Null when there is no
   * log. Of the resident driver, ask when its engine is ready; of vLLM's own benchmark, when it has ended: nothing that
   * counts is written after that.
   */
  facts(): EngineLogFacts | null {
    if (this.#facts === null && problemOf(this.#stdout) === null)
      this.#facts = parseEngineLogFacts(linesOfEvidence(this.#stdout));
    return this.#facts;
  }
}
