import { expect, test } from 'vitest';
import { captured } from '../fixtures/captured.ts';
import { codes } from './codes.ts';

test('a prefix of 128 tokens, of which EAGLE and MTP compute the last block again', () => {
  const [first] = captured('reported-prefix');
  if (first === undefined) throw new Error('no measurement');
  const { workload } = first.asked;
  // 16 prompts of 512 tokens: of each, this many cached.
  const hits = (each: number, ...extra_args: string[]) =>
    codes({
      run: 'reported-prefix',
      asked: { workload: { ...workload, shared_len: 128 } },
      settings: { extra_args },
      engine: { block_size: 16 },
      measured: { identity: null, cached_tokens: 16 * each },
    });
  expect(hits(112)).toEqual(['prefix-missed']);
  expect(hits(112, '--spec-method', 'mtp')).toEqual([]);
  // Nine tenths of 112 are 100.8.
  expect(hits(100, '--spec-method', 'mtp')).toEqual(['prefix-missed']);
});

test('a request that does not tell its cached tokens hides none of the others', () => {
  const [first] = captured('reported-prefix');
  const columns = first?.measured.columns;
  if (columns == null) throw new Error('no columns');
  // 16 requests of 512 tokens, of which 384 are shared: 6144 at best; the first does not tell.
  const found = (each: number) =>
    codes({
      run: 'reported-prefix',
      measured: {
        cached_tokens: null,
        columns: { ...columns, cached_tokens: Array.from({ length: 16 }, (_, row) => (row === 0 ? null : each)) },
      },
    });
  expect(found(384)).toEqual([]);
  // 512 + 15 x 334 = 5522 may be cached, 5530 must.
  expect(found(334)).toEqual(['prefix-missed']);
  expect(found(335)).toEqual([]);
  // One block of 128 a request more are 8192: 15 x 547 are 8205.
  expect(found(546)).toEqual([]);
  expect(found(547)).toEqual(['prefix-exceeded']);
});

test('the size of a KV cache: of names whose size is not known and at TP 2 nothing is said', () => {
  // 16 bits an element, as the run has it.
  const told = (kv_cache_dtype: string) => ({ settings: { kv_cache_dtype }, engine: { kv_cache_dtype } });
  expect(codes(told('fp8_e5m2'))).toEqual(['kv-cache-size']);
  expect(codes(told('int8_per_token_head'))).toEqual(['kv-cache-size']);
  expect(codes(told('bfloat16'))).toEqual([]);
  expect(codes(told('turboquant'))).toEqual([]);
  const two = told('fp8');
  expect(
    codes({
      settings: { ...two.settings, tensor_parallel_size: 2 },
      engine: { ...two.engine, tensor_parallel_size: 2 },
    }),
  ).toEqual([]);
});

test('room for the prompts that can be there at once; a shared prefix is there once', () => {
  const at = (kv_cache_tokens: number, max_num_seqs: number) =>
    codes({ settings: { max_num_seqs }, engine: { kv_cache_tokens, max_num_seqs } });
  // 16 prompts of 128 tokens, at most 4 or all of them at once.
  expect(at(512, 4)).toEqual([]);
  expect(at(511, 4)).toEqual(['kv-concurrency']);
  expect(at(2048, 4096)).toEqual([]);
  expect(at(2047, 4096)).toEqual(['kv-concurrency']);
  // 16 prompts of 512, of which 384 are shared: 16 x 128 + 384.
  const shared = (kv_cache_tokens: number) =>
    codes({ run: 'reported-prefix', settings: { max_num_seqs: 256 }, engine: { kv_cache_tokens } });
  expect(shared(2432)).toEqual([]);
  expect(shared(2431)).toEqual(['kv-concurrency']);
});

test('one request of 20 may be preempted', () => {
  const [first] = captured('reported-plain');
  const columns = first?.measured.columns;
  if (columns == null) throw new Error('no columns');
  const preempted = (count: number, all: number) =>
    codes({
      measured: { columns: { ...columns, preemptions: Array.from({ length: all }, (_, i) => (i < count ? 3 : 0)) } },
    });
  expect(preempted(1, 20)).toEqual([]);
  expect(preempted(2, 20)).toEqual(['preemptions']);
});
