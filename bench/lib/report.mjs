// The report: sections of Markdown. What is printed and what is written are the same text.

import { contestants } from '../contestants/index.mjs'
import * as held from '../suites/concurrent.mjs'
import * as through from '../suites/relay.mjs'
import { isNoisy, noisyFrom } from '../suites/throughput.mjs'
import { packageOf } from './machine.mjs'
import { between, figure, table, times } from './table.mjs'

/**
 * @typedef {import('../suites/throughput.mjs').Measured} Measured
 * @typedef {{ name: string, title: string, measured: Measured }} Run one workload
 */

const KB = 1024

/**
 * One table of the ratios of all workloads.
 * @param {readonly Run[]} runs
 * @param {{ withSpread?: boolean }} [options]
 */
export function overview(runs, { withSpread = false } = {}) {
  const names = contestants
    .map(({ name }) => name)
    .filter((name) => runs.some(({ measured }) => rowOf(measured, name)))
  /** @param {import('../suites/throughput.mjs').Row | undefined} row */
  const cell = (row) => {
    if (!row) return ''
    if (row.failure !== undefined) return 'failed'
    const ratio = times(row.ratio?.median)
    return withSpread ? `${ratio} (${between(row.ratio)})` : ratio
  }
  return table(
    ['× floor', ...runs.map(({ name }) => name)],
    names.map((name) => [name, ...runs.map(({ measured }) => cell(rowOf(measured, name)))]),
  )
}

/** Whether to believe it. @param {readonly Run[]} runs */
export function noiseLine(runs) {
  const spreads = runs.map(({ name, measured }) => `${name} ${between(measured.noise)}`)
  const noisy = runs.filter(({ measured }) => isNoisy(measured)).map(({ name }) => name)
  const hasCpu = runs.some(({ measured }) => measured.rows.some(({ cpu }) => cpu?.median))
  return [
    `Noise, a second floor beside the first (1.00 is none): ${spreads.join(', ')}.`,
    noisy.length === 0
      ? 'The machine was quiet.'
      : `**The machine was noisy** in ${noisy.join(', ')}: the two floors differ by more than ${noisyFrom * 100} %.` +
        (hasCpu ? " Rather believe the processors' time, CPU × floor." : ''),
  ].join('\n')
}

/** @param {Run} run */
export function details({ name, title, measured: { rows, noise } }) {
  return [
    `### ${name}`,
    `${title}. Noise ${between(noise)}.`,
    table(
      ['', '× floor', 'p10 … p90', 'CPU × floor', '× ratatoskr', 'ms', 'rounds'],
      rows.map((row) =>
        row.failure === undefined
          ? [
              row.name,
              times(row.ratio?.median),
              between(row.ratio),
              times(row.cpu?.median),
              times(row.toOurs?.median),
              figure(row.time),
              String(row.rounds),
            ]
          : [row.name, 'failed'],
      ),
    ),
    ...reasons(rows),
  ].join('\n\n')
}

/** Why some were not measured. @param {readonly { name: string, failure?: string | undefined }[]} rows */
export function reasons(rows) {
  const failed = rows.filter(({ failure }) => failure !== undefined)
  if (failed.length === 0) return []
  return [failed.map(({ name, failure }) => `- ${name}: ${failure}`).join('\n')]
}

/** @param {readonly import('../suites/first-event.mjs').FirstEventRow[]} rows */
export function firstEventTable(rows) {
  /** @param {number | undefined} milliseconds */
  const micro = (milliseconds) =>
    figure(milliseconds === undefined ? undefined : milliseconds * 1000)
  return [
    '## From the first byte to the first event',
    'Microseconds, the median of processes. Cold is the first reply of a process; to load is to import the modules, in milliseconds.',
    table(
      ['', 'warm µs', 'p10 … p90', 'cold µs', 'load ms'],
      rows.map(({ name, failure, warm, cold, load }) =>
        failure === undefined
          ? [
              name,
              micro(warm?.median),
              `${micro(warm?.low)} … ${micro(warm?.high)}`,
              micro(cold?.median),
              figure(load),
            ]
          : [name, 'failed'],
      ),
    ),
    ...reasons(rows),
  ].join('\n\n')
}

/** @param {readonly { title: string, rows: import('../suites/memory.mjs').MemoryRow[] }[]} runs */
export function memoryTable(runs) {
  return [
    '## 96 MiB through a heap of 64 MiB',
    'The peaks of the heap and of the process, in MiB, in a process with `--max-old-space-size=64`; the young generation comes on top of these 64.',
    ...runs.flatMap(({ title, rows }) => [
      `### ${title}`,
      table(
        ['', 'heap', 'process', 'seconds'],
        rows.map(({ name, failure, heap, rss, time }) =>
          failure === undefined
            ? [name, figure(heap), figure(rss), figure(time)]
            : [name, 'failed'],
        ),
      ),
      ...reasons(rows),
    ]),
  ].join('\n\n')
}

/** @param {number} streams @param {readonly import('../suites/concurrent.mjs').ConcurrentRow[]} rows */
export function concurrentTable(streams, rows) {
  const [floor] = rows
  /** @param {number | undefined} value @param {number | undefined} less */
  const added = (value, less) =>
    value === undefined || less === undefined ? '–' : (value - less).toFixed(2)
  return [
    `## ${streams.toLocaleString('en')} streams at once`,
    `Over HTTP on 127.0.0.1, two events a second each, ${(streams * 2).toLocaleString('en')} in all. Milliseconds from when the server sends an event until it comes, beside the floor's; ` +
      "KiB for each open stream, beside the floor's, whose own are its connection's.",
    table(
      ['', 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'heap KiB', 'process KiB', 'added heap'],
      rows.map(({ name, failure, p50, p99, heap, rss }) =>
        failure === undefined
          ? [
              name,
              figure(p50),
              figure(p99),
              added(p50, floor?.p50),
              added(p99, floor?.p99),
              figure(heap),
              figure(rss),
              added(heap, floor?.heap),
            ]
          : [name, 'failed'],
      ),
    ),
    ...reasons(rows),
    ...(held.isNoisy(rows) ? ['**The machine was noisy**: see the two floors.'] : []),
  ].join('\n\n')
}

/**
 * @param {number} streams
 * @param {readonly import('../suites/relay.mjs').RelayRow[]} rows
 * @param {number} cores
 */
export function relayTable(streams, rows, cores) {
  const kib = (/** @type {number | undefined} */ bytes) =>
    figure(bytes === undefined ? undefined : bytes / KB)
  /** @param {number | undefined} value */
  const signed = (value) => (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(2))
  return [
    `## ${streams.toLocaleString('en')} streams at once through one process`,
    `A provider, the server between and the client, each a process of its own, over HTTP on 127.0.0.1; two events a second each, ${(streams * 2).toLocaleString('en')} in all. ` +
      'Milliseconds from when the provider sends an event until the client has it, and how much of that the server adds; KiB for each open stream, and milliseconds of the processors for 1,000 events, both of the server alone.',
    table(
      ['', 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'heap KiB', 'process KiB', 'CPU ms'],
      rows.map(({ name, failure, figures, added }) =>
        failure === undefined
          ? [
              name,
              figure(figures?.p50),
              figure(figures?.p99),
              signed(added?.p50),
              signed(added?.p99),
              kib(figures?.heap),
              kib(figures?.rss),
              figure(figures?.cpu),
            ]
          : [name, 'failed'],
      ),
    ),
    `As a multiple of the floor, ${through.proxy}, in the same round:`,
    table(
      ['× floor', 'p50', 'p99', 'heap', 'process', 'CPU'],
      rows
        .filter(({ name, failure }) => failure === undefined && name !== through.proxy)
        .map(({ name, ratios }) => [
          name,
          ...[ratios?.p50, ratios?.p99, ratios?.heap, ratios?.rss, ratios?.cpu].map(times),
        ]),
    ),
    ...reasons(rows),
    ...(cores < 4
      ? [
          `This machine has ${cores} cores for the three processes: what they wait for each other is in the milliseconds of all rows.`,
        ]
      : []),
    ...(through.isNoisy(rows) ? ['**The machine was noisy**: see the two proxies.'] : []),
  ].join('\n\n')
}

/** @param {string} title @param {string} text @param {readonly import('../suites/sizes.mjs').SizeRow[]} rows */
export function sizeTable(title, text, rows) {
  /** @param {number | undefined} bytes */
  const size = (bytes) => (bytes === undefined ? '–' : (bytes / KB).toFixed(1))
  return [
    `### ${title}`,
    text,
    table(
      ['KiB', 'minified', 'gzip', 'brotli'],
      rows.map(({ name, failure, min, gzip, brotli }) =>
        failure === undefined ? [name, size(min), size(gzip), size(brotli)] : [name, 'failed'],
      ),
    ),
    ...reasons(rows.map(({ name, failure, remark }) => ({ name, failure: failure ?? remark }))),
  ].join('\n\n')
}

/** Who takes part. @param {readonly string[]} names */
export const legend = (names) =>
  table(
    ['contestant', 'package', 'how'],
    contestants
      .filter(({ name }) => names.includes(name))
      .map(({ name, what }) => [name, packageOf(name), what]),
  )

/** @param {Measured} measured @param {string} name */
const rowOf = ({ rows }, name) => rows.find((row) => row.name === name)
