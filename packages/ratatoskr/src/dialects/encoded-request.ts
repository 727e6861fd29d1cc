/** The JSON body of a request. Fields that are undefined are not sent. */
export type RequestBody = { [field: string]: unknown }
