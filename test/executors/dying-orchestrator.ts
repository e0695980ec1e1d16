import { tmpdir } from 'node:os';
import { localExecutor } from '../../src/executors/local.ts';
import { KEEPER } from './keeper.ts';

/** Not a test: the process that orphan.test.ts kills. Starts a program with the executor and waits for it. */
const [directory = '', marker = '', file = '', ...args] = process.argv.slice(2);
const executor = localExecutor({ keeper: KEEPER });
const env = { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir() };
const handle = await executor.start({ attempt: '1_test', file, args, env, directory, marker, gpus: [] });
process.stdout.write(`${handle.pid}\n`);
await executor.wait(handle, new AbortController().signal);
