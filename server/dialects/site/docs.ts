/** What the API's description says of the routes that belong to no dialect. */
import type { RouteDoc } from '../route.ts'
import { healthSchema, readinessSchema, sessionSchema, widgetConfigSchema } from './bodies.ts'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const health = {
  chapter: 'Operation',
  summary: 'Says that the server is up.',
  responses: { 200: { description: 'It is.', schema: healthSchema } },
} satisfies Omit<RouteDoc, 'name'>

export const siteDocs = {
  health: { name: 'getHealth', ...health },
  apiHealth: { name: 'getApiHealth', ...health },
  ready: {
    name: 'getReadiness',
    chapter: 'Operation',
    summary: 'Says whether the store and the model server are there.',
    responses: {
      200: { description: 'Both are.', schema: readinessSchema },
      503: { description: 'At least one is not.', schema: readinessSchema },
    },
  },
  metrics: {
    name: 'getMetrics',
    chapter: 'Operation',
    summary: 'What the server has counted and measured, for Prometheus.',
    responses: {
      200: { description: 'In the text format of Prometheus.', contentType: METRICS_TYPE },
    },
  },
  widgetConfig: {
    name: 'getWidgetConfig',
    chapter: 'Session and settings',
    summary: 'Says what the chat element needs to know at its start.',
    responses: { 200: { description: 'The settings.', schema: widgetConfigSchema } },
  },
  startSession: {
    name: 'startSession',
    chapter: 'Session and settings',
    summary: 'Starts the session of an anonymous visitor.',
    description: 'With the token of a session, that one is renewed.',
    mayCarryToken: true,
    responses: {
      201: { description: 'The session.', schema: sessionSchema },
      404: { description: 'Callers sign in elsewhere: this server has no anonymous visitors.' },
    },
  },
  endSession: {
    name: 'eraseCaller',
    chapter: 'Session and settings',
    summary: 'Erases everything that is stored about the caller.',
    description: 'An account of this server stays: an admin can disable it.',
    responses: { 204: { description: 'It is gone.' } },
  },
} satisfies Readonly<Record<string, RouteDoc>>
