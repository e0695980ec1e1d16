#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Before anything else is imported: the second start reads compiled code.
enableCompileCache();
const { main } = await import('./program.ts');
const { processShell } = await import('./shell.ts');

// A reader that went away (`orchestrate plan x.yaml | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await main(process.argv.slice(2), processShell());
