import type { Wire } from '../wire.ts'
import { deep, mebibyte, page, whole } from './answers.ts'
import type { Fault } from './fault.ts'

const isText = ({ framing }: Wire): boolean => framing !== 'binary'

/** A response that holds no reply. */
export const otherResponses: readonly Fault[] = [
  {
    name: '204',
    answer: (connection) => connection.head({}, '204 No Content'),
    outcome: 'opening protocol',
  },
  {
    name: 'HTML with 200',
    answer: (connection) => whole(connection, { 'content-type': 'text/html' }, page),
    outcome: 'opening protocol',
  },
  {
    name: 'HTML that calls itself a reply',
    answer: (connection, { dialect }) =>
      whole(connection, { 'content-type': dialect.contentType }, page),
    // Lines of no field, in the eyes of the standard; behind them the reply is missing.
    outcome: 'opening truncated',
    // Google's array alone is announced as JSON.
    but: { lines: 'opening protocol', array: 'opening protocol', binary: 'opening protocol' },
  },
  {
    name: 'HTML with 502',
    answer: (connection) =>
      whole(connection, { 'content-type': 'text/html' }, page, '502 Bad Gateway'),
    outcome: 'opening api',
  },
  {
    name: 'an image',
    answer: (connection, { body }) => whole(connection, { 'content-type': 'image/png' }, body),
    outcome: 'opening protocol',
  },
  {
    name: 'a reply that calls itself HTML',
    answer: (connection, { body }) => whole(connection, { 'content-type': 'text/html' }, body),
    outcome: 'opening protocol',
  },
  {
    name: 'a reply that calls itself text',
    answer: (connection, { body }) => whole(connection, { 'content-type': 'text/plain' }, body),
    outcome: 'done',
    // Whether Google sends an array is known by its type alone.
    but: { array: 'opening protocol' },
  },
  {
    name: 'a reply that does not say what it is',
    answer: (connection, { body }) => whole(connection, {}, body),
    outcome: 'done',
    but: { array: 'opening protocol' },
  },
  {
    name: 'a stream that calls itself JSON',
    answer: (connection, { body }) =>
      whole(connection, { 'content-type': 'application/json' }, body),
    outcome: 'opening protocol',
    // Google's objects are found wherever they stand.
    but: { gemini: 'done', array: 'done' },
    only: isText,
  },
  {
    name: 'a head without a body',
    answer: (connection, { dialect }) =>
      whole(connection, { 'content-type': dialect.contentType }, ''),
    outcome: 'opening truncated',
  },
  {
    name: 'a body of nothing but blanks',
    answer: (connection, { dialect }) =>
      whole(connection, { 'content-type': dialect.contentType }, ' \n \n'.repeat(10)),
    outcome: 'opening truncated',
    but: { lines: 'opening protocol', array: 'opening protocol', binary: 'opening protocol' },
  },
  {
    name: 'an error of 10 MB',
    answer: (connection) =>
      whole(connection, { 'content-type': 'text/plain' }, 'x'.repeat(10 * mebibyte), '500 Oh'),
    outcome: 'opening api',
  },
  {
    name: 'an error that breaks off',
    async answer(connection) {
      await connection.head({ 'content-length': '1000' }, '429 Too Many Requests')
      await connection.write('{"error":{"mess')
      connection.reset()
    },
    outcome: 'opening rate_limited',
  },
  {
    name: 'an error that falls silent',
    async answer(connection) {
      await connection.head({ 'content-length': '1000' }, '429 Too Many Requests')
      await connection.write('{"error":{"mess')
    },
    outcome: 'opening rate_limited',
    timeouts: { idle: 30 },
  },
  {
    name: 'an error of 100,000 levels',
    answer: (connection) =>
      whole(
        connection,
        { 'content-type': 'application/json' },
        `{"error":${deep(100_000)}}`,
        '500 Oh',
      ),
    outcome: 'opening api',
  },
  {
    name: 'an error whose fields are no texts',
    answer: (connection) =>
      whole(
        connection,
        { 'content-type': 'application/json' },
        '{"error":{"code":{"valueOf":1,"toString":1},"message":{"toString":1},"__proto__":{"x":1}}}',
        '400 Oh',
      ),
    outcome: 'opening invalid_request',
  },
]
