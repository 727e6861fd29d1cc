// What the relay uses of Cloudflare's interfaces, so that this package needs neither their types nor `cloudflare:workers`.

/** A Durable Object's stub: `DurableObjectStub`. */
export interface ObjectStub {
  fetch(url: string, init?: RequestInit): Promise<Response>
}

/** A binding of Durable Objects: `DurableObjectNamespace`. */
export interface ObjectNamespace {
  idFromName(name: string): object
  get(id: object): ObjectStub
}

/** What SQLite takes and gives. */
export type SqlValue = string | number | null | ArrayBuffer

/** `SqlStorage`. Synchronous. */
export interface SqlDatabase {
  exec(
    query: string,
    ...bindings: SqlValue[]
  ): {
    toArray(): { [column: string]: SqlValue }[]
  }
}

/** `DurableObjectStorage`, of a class with SQLite. */
export interface ObjectStorage {
  readonly sql: SqlDatabase
  setAlarm(time: number): Promise<void>
  deleteAlarm(): Promise<void>
  deleteAll(): Promise<void>
}

/** `DurableObjectState`: what a Durable Object is constructed with. */
export interface ObjectState {
  readonly storage: ObjectStorage
}

/** One of the things that a relay's Durable Object can be; which, its name says. */
export interface ObjectPart {
  /** Answers what was asked by `askObject`; what it throws is thrown there. */
  answer(verb: string, message: unknown, signal: AbortSignal): Response | Promise<Response>
  alarm(): Promise<void>
}

/** Whether a table has been made. */
export function hasTable(sql: SqlDatabase, name: string): boolean {
  const query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
  return sql.exec(query, name).toArray().length > 0
}

/** A column of texts. */
export function textOf(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
