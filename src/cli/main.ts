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

// A reader that went away (`orchestrate plan x.yaml | head`), or a terminal that was closed (EIO), is no error of ours,
// and no reason to stop measuring. A full disk below stdout is none either, but it is told by the exit code.
const GONE = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];
let lost = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    lost ||= stream === process.stdout && !GONE.includes(code);
  });
}
process.on('exit', (code) => {
  if (lost && code === 0) process.exitCode = 5;
});
process.exitCode = await main(processShell());
