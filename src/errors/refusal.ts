/** The exit codes of the program; see docs/exit-codes.md. */
export const EXIT = {
  ok: 0,
  gateFailed: 1,
  usage: 2,
  someFailed: 3,
  nothingUsable: 4,
  hostRefuses: 5,
  internal: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | 129 | 130 | 143;

/**
 * We will not do this, and say why. Thrown anywhere below the command line, caught there only.
 * `usage`: decidable from YAML and argv alone; `host`: this host refuses (Python, path, disk, devices, lock).
 */
export class Refusal extends Error {
  readonly kind: 'usage' | 'host';
  /** What the user can do about it, one sentence or command a line. */
  readonly remedy: string | null;

  constructor(kind: 'usage' | 'host', message: string, remedy: string | null = null) {
    super(message);
    this.name = 'Refusal';
    this.kind = kind;
    this.remedy = remedy;
  }

  get exitCode(): ExitCode {
    return this.kind === 'usage' ? EXIT.usage : EXIT.hostRefuses;
  }
}
