/** The package index was not reached; asking another one is of no use. */
const CONNECTION =
  /NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Temporary failure in name resolution|Name or service not known|dns error|[Cc]onnection refused|Connection reset|Network is unreachable|error sending request|operation timed out|tcp connect error/;

/** What commonly stops an installation, by what pip, uv and Python say about it. Order matters: the first match wins. */
const CAUSES: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /No space left on device|os error 28\b|ENOSPC|Errno 28\b/,
    remedy:
      'the disk is full: make room, or put the tools elsewhere with ORCHESTRATE_HOME, and run the same command again',
  },
  { pattern: CONNECTION, remedy: 'check the connection or the proxy and run the same command again' },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer/,
    remedy:
      'the certificate of the package index is not trusted here: set SSL_CERT_FILE to your certificates and run it again',
  },
  {
    pattern: /Permission denied|EACCES|EROFS|Read-only file system/,
    remedy:
      'make the folder writable, or put the tools elsewhere with ORCHESTRATE_HOME, and run the same command again',
  },
  {
    pattern: /No matching distribution|No solution found|no wheels with a matching|is not a supported wheel/,
    remedy:
      'a package of the lock file is not there for this Python or this system: Python 3.11 to 3.14 on Linux with glibc ' +
      '2.31 or newer is what it is for; otherwise install vLLM yourself and name its Python with --python',
  },
];

/** What the user can do about a failed command, from what it printed. */
export function remedyFor(output: string): string {
  return (
    CAUSES.find(({ pattern }) => pattern.test(output))?.remedy ??
    'mend what the log says and run the same command again'
  );
}

export function isConnectionFailure(output: string): boolean {
  return CONNECTION.test(output);
}
