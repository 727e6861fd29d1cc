// The packages are packed once for all tests of examples. Vitest runs this only where one of them is to run.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { packPackages, type Packed } from '../../scripts/packed.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    readonly packed: Packed[]
  }
}

export default async function packOnce(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'ratatoskr-examples-'))
  project.provide('packed', await packPackages(folder))
  return () => rm(folder, { recursive: true, force: true })
}
