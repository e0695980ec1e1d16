import { expect, test } from 'vitest';
import { uvOptions } from '../../src/environment/pip-configuration.ts';

const STRATEGY = ['--index-strategy', 'unsafe-best-match'];

test('nothing configured: only how pip chooses between indexes', () => {
  expect(uvOptions('', {})).toEqual({ args: STRATEGY, env: {} });
});

test('what `pip config list` prints, lists and quotes included', () => {
  const listing = [
    "global.cert='/etc/ssl/ours.crt'",
    "global.extra-index-url='https://a.example/simple https://b.example/simple'",
    "global.find-links='\\n/first\\n/second'",
    "global.index-url='https://mirror.example/simple'",
    "global.no-index='false'",
    "global.proxy='http://proxy.example:3128'",
    "global.timeout='60'",
    "global.trusted-host='mirror.example'",
  ].join('\n');
  expect(uvOptions(listing, {})).toEqual({
    args: [
      ...['--default-index', 'https://mirror.example/simple'],
      ...['--index', 'https://a.example/simple', '--index', 'https://b.example/simple'],
      ...['--find-links', '/first', '--find-links', '/second'],
      ...['--allow-insecure-host', 'mirror.example'],
      ...STRATEGY,
    ],
    env: {
      SSL_CERT_FILE: '/etc/ssl/ours.crt',
      HTTPS_PROXY: 'http://proxy.example:3128',
      HTTP_PROXY: 'http://proxy.example:3128',
      UV_HTTP_TIMEOUT: '60',
    },
  });
});

test('a variable wins over [install], and [install] over [global]', () => {
  const listing = "install.index-url='https://install.example'\nglobal.index-url='https://global.example'";
  expect(uvOptions(listing, {}).args).toContain('https://install.example');
  const both = uvOptions(`:env:.index-url='https://env.example'\n${listing}`, { PIP_INDEX_URL: 'https://env.example' });
  expect(both.args.slice(0, 2)).toEqual(['--default-index', 'https://env.example']);
});

test('without a pip to ask, its variables still count', () => {
  expect(uvOptions('', { PIP_FIND_LINKS: '/wheels', PIP_NO_INDEX: '1' }).args).toEqual([
    ...['--find-links', '/wheels', '--no-index'],
    ...STRATEGY,
  ]);
});

test('what the user told uv itself is left alone', () => {
  const listing = "global.index-url='https://pip.example'\nglobal.cert='/pip.crt'";
  const env = { UV_DEFAULT_INDEX: 'https://uv.example', SSL_CERT_FILE: '/uv.crt' };
  expect(uvOptions(listing, env)).toEqual({ args: STRATEGY, env: {} });
});
