import { type ExitCode, Refusal } from '../errors/refusal.ts';

/** Everything a command may touch of the process it runs in, as a value: tests give their own. */
export interface Shell {
  /** The command as the user can type it again, without what `main` was given. */
  readonly command: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly now: () => Date;
  /** Calls back with the name of each signal that asks us to stop; returns how to unsubscribe. */
  onStop(listener: (signal: StopSignal) => void): () => void;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** 128 + the number of the signal, as a shell reports it. */
export const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Somebody stopped us before there was anything to finish in order. */
export class Interrupted extends Refusal {
  readonly signal: StopSignal;

  constructor(signal: StopSignal, message: string, remedy: string | null = null) {
    super('host', `interrupted by ${signal}: ${message}`, remedy);
    this.signal = signal;
  }

  override get exitCode(): ExitCode {
    return SIGNAL_EXIT[this.signal];
  }
}

/** The real one. */
export function processShell(): Shell {
  return {
    // The script of a checkout says how it was called.
    command: process.env['ORCHESTRATE_COMMAND'] ?? 'orchestrate',
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    now: () => new Date(),
    onStop: (listener) => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      const handlers = signals.map((signal) => [signal, () => listener(signal)] as const);
      for (const [signal, handler] of handlers) process.on(signal, handler);
      return () => {
        for (const [signal, handler] of handlers) process.off(signal, handler);
      };
    },
  };
}
