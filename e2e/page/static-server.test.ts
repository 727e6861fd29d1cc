import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveFolder, type StaticServer } from './static-server.ts'

let folder: string
let server: StaticServer

beforeAll(async () => {
  const work = await mkdtemp(join(tmpdir(), 'ratatoskr-static-'))
  folder = join(work, 'dist')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(work, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'index.html'), '<!doctype html>')
  await writeFile(join(folder, 'assets/main.js'), 'export {}')
  await writeFile(join(folder, 'assets/ä b.svg'), '<svg/>')
  await writeFile(join(folder, 'assets/data.unknown'), 'x')
  server = await serveFolder(folder, { path: '/some/deep/path/', headers: { 'x-served': 'yes' } })
})

afterAll(async () => {
  await server.close()
  await rm(join(folder, '..'), { recursive: true })
})

test('Serves the files below its path, with their types', async () => {
  expect(server.url).toBe(`${server.origin}/some/deep/path/`)
  const page = await fetch(server.url)
  expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
    200,
    'text/html; charset=utf-8',
    '<!doctype html>',
  ])
  expect(page.headers.get('x-served')).toBe('yes')
  const types = await Promise.all(
    ['assets/main.js?v=1', 'assets/%C3%A4%20b.svg', 'assets/data.unknown'].map(async (path) => {
      const { status, headers } = await fetch(server.url + path)
      return [status, headers.get('content-type')]
    }),
  )
  expect(types).toEqual([
    [200, 'text/javascript; charset=utf-8'],
    [200, 'image/svg+xml; charset=utf-8'],
    [200, 'application/octet-stream'],
  ])
  const head = await fetch(server.url, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('Answers 404 to all else, and never with the page', async () => {
  const paths = ['missing', 'deep/link', 'assets', 'assets/', '%', '..%2fsecret.txt', '%00']
  const answers = await Promise.all(
    paths.map(async (path) => {
      const response = await fetch(server.url + path)
      return [path, response.status, await response.text()]
    }),
  )
  expect(answers).toEqual(paths.map((path) => [path, 404, '404\n']))
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405)
})

test('Does not leave its folder, whatever the path', async () => {
  // fetch would shorten the path before it sends it.
  const status = await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const path = '/some/deep/path/../secret.txt'
    request({ hostname, port, path }, (response) => resolve(response.statusCode))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(404)
})

test('Records the requests, and those outside of its path', async () => {
  const own = await serveFolder(folder, { path: 'app' })
  try {
    expect(own.url).toBe(`${own.origin}/app/`)
    for (const path of [
      '/app/',
      '/app/assets/main.js',
      '/app',
      '/assets/main.js',
      '/application/',
    ]) {
      await fetch(own.origin + path)
    }
    expect(own.requests.map(({ path, status }) => [path, status])).toEqual([
      ['/app/', 200],
      ['/app/assets/main.js', 200],
      ['/app', 404],
      ['/assets/main.js', 404],
      ['/application/', 404],
    ])
    expect(own.strays.map(({ path }) => path)).toEqual(['/app', '/assets/main.js', '/application/'])
  } finally {
    await own.close()
  }
})

test('Says what to do where nothing was built', async () => {
  await expect(serveFolder(join(folder, 'none'))).rejects.toThrow('npm run build:playground')
})
