// What the next release will be, by the changesets in .changeset/. Fails where one cannot be read, or names a package that there is not.
import getReleasePlan from '@changesets/get-release-plan'
import { publicPackages, root } from './aliases.mjs'

const { changesets, releases } = await getReleasePlan(root)
const names = new Set(publicPackages().map(({ name }) => name))
for (const { name, oldVersion, newVersion } of releases) {
  if (names.has(name)) console.log(`${name}: ${oldVersion} → ${newVersion}`)
}
for (const { id, releases: named } of changesets) {
  const strangers = named.filter(({ name }) => !names.has(name)).map(({ name }) => name)
  if (strangers.length === 0) continue
  console.error(
    `.changeset/${id}.md: ${strangers.join(', ')} is not published, and needs no changeset`,
  )
  process.exitCode = 1
}
console.log(`${changesets.length} changesets`)
