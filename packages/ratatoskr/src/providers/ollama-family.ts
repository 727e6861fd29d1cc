/** `name:tag`, unlike a fine-tuned model of OpenAI's or one of Bedrock's. */
export const ollamaFamily: RegExp = /^(?!ft:)(?!.*[.-]v\d+:\d+$)[^/:]+:[^/:]+$/
