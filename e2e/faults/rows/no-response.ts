import { start, whole } from './answers.ts'
import type { Fault } from './fault.ts'

/** Nothing of a reply has come. */
export const noResponse: readonly Fault[] = [
  {
    name: 'reset before any byte',
    answer: (connection) => connection.reset(),
    outcome: 'opening network',
  },
  {
    name: 'closed before any byte',
    answer: (connection) => connection.close(),
    outcome: 'opening network',
  },
  {
    name: 'reset in the middle of the head',
    async answer(connection) {
      await connection.write('HTTP/1.1 200 OK\r\ncontent-ty')
      connection.reset()
    },
    outcome: 'opening network',
  },
  {
    name: 'closed in the middle of the head',
    async answer(connection) {
      await connection.write('HTTP/1.1 200 OK\r\ncontent-ty')
      connection.close()
    },
    outcome: 'opening network',
  },
  {
    name: 'another protocol',
    answer: (connection) => connection.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'),
    outcome: 'opening network',
  },
  {
    name: 'silence before the head',
    answer: () => {},
    outcome: 'opening timeout',
    timeouts: { headers: 30 },
  },
  {
    name: 'silence before the head, until the first event must be there',
    answer: () => {},
    outcome: 'opening timeout',
    timeouts: { headers: false, firstEvent: 30 },
  },
  {
    name: 'a header of 64 KiB',
    answer: (connection, wire) => start(connection, wire, { 'x-huge': 'x'.repeat(65_536) }),
    outcome: 'opening network',
  },
  {
    name: '10,000 headers',
    answer: (connection, wire) =>
      start(
        connection,
        wire,
        Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x-${i}`, 'y'])),
      ),
    outcome: 'opening network',
  },
  {
    name: 'a header with NUL',
    answer: (connection, wire) => start(connection, wire, { 'x-nul': 'a\0b' }),
    outcome: 'opening network',
  },
  {
    name: 'two lengths at once',
    answer: (connection, wire) => start(connection, wire, { 'content-length': '5' }),
    outcome: 'opening network',
  },
  ...['301 Moved Permanently', '302 Found', '303 See Other', '307 Temporary Redirect'].map(
    (status): Fault => ({
      name: `${status}, in a loop`,
      answer: (connection) => whole(connection, { location: '/loop' }, '', status),
      outcome: 'opening network',
      requests: 21,
    }),
  ),
  {
    name: 'a redirect to nowhere',
    answer: (connection) =>
      whole(connection, { location: 'ftp://x' }, '', '307 Temporary Redirect'),
    outcome: 'opening network',
  },
  {
    name: 'a redirect without a place',
    answer: (connection) => whole(connection, {}, '', '307 Temporary Redirect'),
    outcome: 'opening api',
  },
  {
    name: 'another protocol, offered (101)',
    answer: (connection) =>
      connection.head({ upgrade: 'x', connection: 'upgrade' }, '101 Switching Protocols'),
    outcome: 'opening network',
  },
]
