import { is, type GenericSchema } from 'valibot'
import { hasTable, textOf, type SqlDatabase } from './platform.ts'

/** What a table of one row has, as JSON; undefined where there is none. */
export function readRow<Value>(
  sql: SqlDatabase,
  table: string,
  schema: GenericSchema<Value>,
): Value | undefined {
  if (!hasTable(sql, table)) return undefined
  const [row] = sql.exec(`SELECT value FROM ${table}`).toArray()
  const value: unknown = row ? JSON.parse(textOf(row['value'])) : undefined
  return is(schema, value) ? value : undefined
}

/** Replaces it: one row written. */
export function writeRow(sql: SqlDatabase, table: string, value: object): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (one INTEGER PRIMARY KEY, value TEXT)`)
  sql.exec(`INSERT OR REPLACE INTO ${table} (one, value) VALUES (1, ?)`, JSON.stringify(value))
}
