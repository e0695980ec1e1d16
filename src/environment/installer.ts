import type { OwnEnvironment } from './own-environment.ts';

export interface CommandResult {
  readonly ok: boolean;
  /** Both streams. */
  readonly output: string;
}

/** How packages get into an environment: by uv or, where it cannot be had, by pip. */
export interface Installer {
  makeEnvironment(directory: string): Promise<CommandResult>;
  /** `what`: requirements or `-r FILE`, without their dependencies; from `index` alone when it is given. */
  install(environment: OwnEnvironment, what: readonly string[], index?: string): Promise<CommandResult>;
  /** After success only: what a failed download already fetched is there for the next try. */
  cleanUp(): Promise<void>;
}
