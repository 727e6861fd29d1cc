import { expect, test } from 'vitest'
import { bareAddressLength, destination, safeAddress } from './safe-address.ts'

test.each([
  ['https://example.com', 'https://example.com/'],
  ['HTTP://EXAMPLE.com:8080/A?b=c#d', 'http://example.com:8080/A?b=c#d'],
  ['https://example.com/ü"\'<>', "https://example.com/%C3%BC%22'%3C%3E"],
  ['mailto:a@example.com?subject=b', 'mailto:a@example.com?subject=b'],
])('%s becomes a link', (text, expected) => {
  expect(safeAddress(text)?.href).toBe(expected)
})

test.each([
  'javascript:alert(1)',
  'data:text/html,a',
  'blob:https://example.com/a',
  'vbscript:a',
  'ftp://example.com',
  'file:///a',
  'ws://example.com',
  'about:blank',
  'mailto:',
  'https://',
  '',
  '/a',
  './a',
  '#a',
  '?a',
  '//example.com',
  'example.com',
  'www.example.com',
  'https:example.com',
  'https:/example.com',
  'https:///example.com',
  'https:\\\\example.com',
  'https://example.com\\@evil.example',
  'https://a@evil.example',
  'https://a:b@evil.example',
  ' https://example.com',
  'https://example.com ',
  'https://exam\tple.com',
  'ht\ntps://a.example',
  'https://example.com/\u202Egpj',
  'https://example.com/\u200B',
  'https://example.com/a b',
  '\u0000https://example.com',
  'https://example.com/\u0085',
  'https://[::',
  'https://a.example:99999',
  `https://example.com/${'a'.repeat(3000)}`,
])('%j does not', (text) => {
  expect(safeAddress(text)).toBeUndefined()
})

test.each([
  ['https://a.example', 'https://a.example'],
  [' https://a.example  ', 'https://a.example'],
  ['https://a.example "b c"', 'https://a.example'],
  ["<https://a.example> 'b'", 'https://a.example'],
  ['a b', 'a b'],
  ['', ''],
])('the destination of (%s) is %s', (source, expected) => {
  expect(destination(source)).toBe(expected)
})

test.each([
  ['https://a.example/b', ''],
  ['https://a.example/b_(c)', ''],
  ['https://a.example/b', ').'],
  ['https://a.example/b', '**,'],
  ['https://a.example/b_(c)', ').'],
])('%s ends before %s', (address, rest) => {
  expect(bareAddressLength(address + rest)).toBe(address.length)
})
