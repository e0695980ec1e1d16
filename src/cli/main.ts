#!/usr/bin/env node
import * as nodeModule from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `orchestrate: needs Node.js 22.13 or newer, this is ${process.versions.node}\n` +
      '  in a checkout, ./orchestrate finds or installs one by itself\n',
  );
  process.exit(5);
}
// Before anything else is imported: the second start reads compiled code.
nodeModule.enableCompileCache();
const { main } = await import('./program.ts');
const { processShell } = await import('./shell.ts');

// A reader that went away (`orchestrate plan x.yaml | head`) is no error of ours, and no reason to stop measuring.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
});
process.exitCode = await main(processShell());
