import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { LineReader } from './line-reader.ts'

const bodyOf = (pieces: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const rest = pieces.map((piece) => new TextEncoder().encode(piece))
  return new ReadableStream(
    {
      pull(controller) {
        const piece = rest.shift()
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

async function readAll(reader: LineReader): Promise<string[]> {
  const all: string[] = []
  for (let piece = await reader.read(); piece; piece = await reader.read()) {
    all.push(new TextDecoder().decode(piece))
  }
  return all
}

it('gives whole lines, all of them, however they are cut', async () => {
  const pieces = fc.array(fc.stringMatching(/^[a-z\n]{1,6}$/), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(pieces, async (cut) => {
      const lines = await readAll(new LineReader(bodyOf(cut)))
      const text = cut.join('')
      expect(lines.join('')).toBe(text.slice(0, text.lastIndexOf('\n') + 1))
      expect(lines.every((each) => each.endsWith('\n'))).toBe(true)
    }),
  )
})

it('gives a piece at once where a line ends in it', async () => {
  expect(await readAll(new LineReader(bodyOf(['a\nb', 'c', 'd\n', 'e\n', 'f'])))).toEqual([
    'a\n',
    'bcd\n',
    'e\n',
  ])
})

it('copies a long line once', async () => {
  const piece = new Uint8Array(64).fill(97)
  let left = 1024
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        left -= 1
        controller.enqueue(left === 0 ? new Uint8Array([10]) : piece)
      },
    },
    { highWaterMark: 0 },
  )
  const set = vi.spyOn(Uint8Array.prototype, 'set')
  const line = await new LineReader(body).read()
  const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0)
  set.mockRestore()
  expect(line).toHaveLength(1023 * 64 + 1)
  expect(copied).toBe(line?.length)
})

it('refuses a line without end', async () => {
  const piece = new Uint8Array(2 ** 22)
  let given = 0
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        given += 1
        controller.enqueue(piece)
      },
    },
    { highWaterMark: 0 },
  )
  await expect(new LineReader(body).read()).rejects.toMatchObject({ code: 'too_large' })
  expect(given).toBe(17)
})
