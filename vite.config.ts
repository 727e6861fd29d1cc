import type { Plugin } from 'vite'
import { configDefaults, defineConfig } from 'vitest/config'
import type * as DevServer from './playground/server/dev-server.ts'
import { sourceAliases } from './scripts/aliases.mjs'

// Exact matches only: `ratatoskr` must not catch `ratatoskr/streams`.
const alias = Object.entries(sourceAliases()).map(([name, replacement]) => ({
  find: new RegExp(`^${name}$`),
  replacement,
}))
const resolve = { alias }
const root = import.meta.dirname

/** The simulated provider, the relay and the keys of the environment, in the dev server only. */
const devServer: Plugin = {
  name: 'ratatoskr-dev-server',
  apply: 'serve',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      if (!/^\/(simulated\/|relay\/|keys\.json$)/.test(request.url ?? '')) {
        next()
        return
      }
      // By Vite itself: it is TypeScript that imports packages which need not be built.
      void server
        .ssrLoadModule('/server/dev-server.ts')
        .then(({ answer }: Partial<typeof DevServer>) => answer?.(request, response))
    })
  },
}

export default defineConfig({
  root: 'playground',
  base: './',
  resolve,
  plugins: [devServer],
  build: { target: 'es2022' },
  test: {
    root,
    projects: [
      {
        root,
        resolve,
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'packages/*/src/**/*.test.ts',
            'scripts/*.test.ts',
            'bench/{faults,lib,suites}/*.test.ts',
          ],
          exclude: [...configDefaults.exclude, '**/*.fuzz.test.ts'],
          // Recordings of megabytes are replayed hundreds of times; nothing waits this long.
          testTimeout: 60_000,
        },
      },
      {
        root,
        resolve,
        test: { name: 'fuzz', environment: 'node', include: ['packages/*/src/**/*.fuzz.test.ts'] },
      },
      {
        root,
        resolve,
        test: {
          name: 'docs',
          environment: 'node',
          include: ['docs/**/*.test.ts'],
          // The examples are compiled first.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'playground',
          environment: 'happy-dom',
          include: ['playground/src/**/*.test.ts'],
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'playground-server',
          environment: 'node',
          include: ['playground/server/**/*.test.ts'],
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'aimock',
          environment: 'node',
          include: ['e2e/aimock/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'examples',
          environment: 'node',
          include: ['e2e/examples/**/*.test.ts'],
          globalSetup: ['e2e/examples/pack-once.ts'],
          // Tools are installed, started and build.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'faults',
          environment: 'node',
          include: ['e2e/faults/**/*.test.ts'],
          // Nothing waits this long: what does hangs.
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'relay',
          environment: 'node',
          include: ['e2e/relay/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'page',
          environment: 'node',
          include: ['e2e/page/**/*.test.ts'],
          // Each file has a Chromium of its own, which runs in several processes.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
