/** What the page uses of the testkit, as a part of its own that is loaded when it is needed. */
export { parseTape, record, replay, simulatorFetch, stringifyTape } from '@ratatoskr/testkit'
