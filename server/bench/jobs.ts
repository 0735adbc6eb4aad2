/** What the load generator can be told to do, and what it tells of it. */
import { z } from 'zod'
import { targetSchema } from './askers.ts'
import { databasesSchema, databaseUseSchema } from './database-use.ts'

export const jobSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ttft'),
    targets: z.array(targetSchema).readonly(),
    /** Answers for each target, asked one after the other in turns. */
    requests: z.number(),
  }),
  z.object({
    kind: z.literal('streams'),
    servers: z.array(z.object({ target: targetSchema, pid: z.number() })).readonly(),
    /** Each answer is read on another server than the one that writes it, from its first token on. */
    isReadElsewhere: z.boolean().optional(),
    /** Answers are at any place of theirs from the start, so that some end and others begin all the time. */
    isUnderWay: z.boolean().optional(),
    /** What is shared by the servers, and looked at too. */
    databases: databasesSchema.optional(),
    /** Base URL of the model server, which is told when the answers may end. */
    model: z.string(),
    /** Of each server. */
    streams: z.number(),
    /** Milliseconds between two tokens of a stream. */
    interval: z.number(),
    /** Milliseconds that are measured once all streams are open and everything is warm. */
    window: z.number(),
  }),
  z.object({
    kind: z.literal('logins'),
    target: targetSchema.required({ account: true }),
    /** Base URL of the model server, which is told when the answers may end. */
    model: z.string(),
    streams: z.number(),
    /** Milliseconds between two tokens of a stream. */
    interval: z.number(),
    /** Milliseconds that are measured without anybody who signs in. */
    window: z.number(),
    /** So many sign in at once. */
    logins: z.number(),
  }),
  z.object({
    kind: z.literal('saturated'),
    target: targetSchema,
    streams: z.number(),
    /** Of each stream. */
    tokens: z.number(),
    rounds: z.number(),
  }),
  z.object({
    kind: z.literal('stop'),
    target: targetSchema,
    model: z.string(),
    streams: z.number(),
    /** Milliseconds after which no stopped answer may be open at the model server. */
    patience: z.number(),
  }),
])

export type Job = z.infer<typeof jobSchema>
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>

export const resultSchemas = {
  /** Milliseconds to the first token of every answer, by target. */
  ttft: z.record(z.string(), z.array(z.number())),
  streams: z.object({
    /** Streams that came to their end in good order. */
    served: z.number(),
    tokens: z.number(),
    /** Tokens that should have come within the window. */
    due: z.number(),
    /** Microseconds of CPU, of all servers together. */
    cpuPerToken: z.number(),
    /** Milliseconds. */
    latenessMedian: z.number(),
    latenessP99: z.number(),
    /** Bytes by which memory grew, each. */
    memoryPerStream: z.number(),
    /** Bytes that readers got. */
    bytesPerToken: z.number(),
    /** Answers that began in the window. */
    turns: z.number(),
    databases: databaseUseSchema.optional(),
  }),
  logins: z.object({
    served: z.number(),
    /** Sign-ins that came to a good end. */
    signedIn: z.number(),
    /** Milliseconds that the last of them took. */
    slowest: z.number(),
    /** Milliseconds by which tokens were late, without sign-ins and while they went on. */
    quiet: z.object({ median: z.number(), p99: z.number() }),
    busy: z.object({ median: z.number(), p99: z.number() }),
  }),
  /** Tokens a second of every round. */
  saturated: z.object({ served: z.number(), rates: z.array(z.number()) }),
  stop: z.object({
    /** Answers that were open at the model server before. */
    opened: z.number(),
    /** Of those, how many were open when the patience was over. */
    afterStop: z.number(),
    /** Answers whose readers have all left, and how many of them go on. */
    left: z.number(),
    goOn: z.number(),
    afterLeavingAndStop: z.number(),
  }),
} as const

export type ResultOf<Kind extends Job['kind']> = z.infer<(typeof resultSchemas)[Kind]>
