import { z } from 'zod'
import {
  keyListSchema,
  keyRequestSchema,
  keySchema,
  webhookListSchema,
  webhookRequestSchema,
  webhookSchema,
} from '../../client/api.ts'
import { audit } from '../audit.ts'
import type { Context } from '../context.ts'
import { createKey, listKeys, revokeKey } from '../keys.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { createWebhook, listWebhooks, removeWebhook } from '../webhooks.ts'
import { idOf } from './owned.ts'

const auditEntry = z
  .object({
    number: z.int(),
    at: z.iso.datetime(),
    owner: z.string(),
    keyId: z.uuid().nullable(),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    action: z.string(),
    subject: z.string().nullable(),
    status: z.int().nullable(),
  })
  .meta({ id: 'AuditEntry' })

const webhookRoutes = (context: Context): Route[] => [
  route({
    id: 'createWebhook',
    method: 'post',
    path: '/v1/webhooks',
    tag: 'Webhooks',
    summary: 'Be told when jobs end',
    description:
      'Messages are signed (Standard Webhooks); the secret is in this answer only. Private addresses are refused.',
    scope: 'write',
    body: {
      schema: webhookRequestSchema,
      examples: { all: { summary: 'All events', value: { url: 'https://example.org/nestwave' } } },
    },
    responses: { 201: { description: 'the webhook with its secret', schema: webhookSchema } },
    handle: async (ask) => {
      const body = await createWebhook(context, ask.caller.owner, ask.body.url, ask.body.events)
      await audit(context, ask, 'webhook.create', body.id, 201)
      return { status: 201, body }
    },
  }),
  route({
    id: 'listWebhooks',
    method: 'get',
    path: '/v1/webhooks',
    tag: 'Webhooks',
    summary: 'List webhooks, with how their last delivery went',
    scope: 'read',
    responses: { 200: { description: 'the webhooks', schema: webhookListSchema } },
    handle: async ({ caller }) => ({ status: 200, body: { items: await listWebhooks(context, caller.owner) } }),
  }),
  route({
    id: 'deleteWebhook',
    method: 'delete',
    path: '/v1/webhooks/{id}',
    tag: 'Webhooks',
    summary: 'Remove a webhook',
    scope: 'write',
    responses: { 204: { description: 'removed' } },
    handle: async (ask) => {
      const id = idOf(ask.params.id, 'webhook')
      if (!(await removeWebhook(context, ask.caller.owner, id))) throw notFound('webhook')
      await audit(context, ask, 'webhook.delete', id, 204)
      return { status: 204 }
    },
  }),
]

const keyRoutes = (context: Context): Route[] => [
  route({
    id: 'createKey',
    method: 'post',
    path: '/v1/keys',
    tag: 'Administration',
    summary: 'Make an API key',
    description: 'The key itself is in this answer only; its hash is kept.',
    scope: 'admin',
    body: {
      schema: keyRequestSchema,
      examples: {
        reader: { summary: 'A key that only reads', value: { owner: 'alice', name: 'dashboard', scopes: ['read'] } },
      },
    },
    responses: { 201: { description: 'the key', schema: keySchema } },
    handle: async (ask) => {
      const body = await createKey(context.database, ask.body)
      await audit(context, ask, 'key.create', body.id, 201)
      return { status: 201, body }
    },
  }),
  route({
    id: 'listKeys',
    method: 'get',
    path: '/v1/keys',
    tag: 'Administration',
    summary: 'List API keys',
    scope: 'admin',
    responses: { 200: { description: 'the keys, without the keys themselves', schema: keyListSchema } },
    handle: async () => ({ status: 200, body: { items: await listKeys(context.database) } }),
  }),
  route({
    id: 'revokeKey',
    method: 'delete',
    path: '/v1/keys/{id}',
    tag: 'Administration',
    summary: 'Revoke an API key',
    scope: 'admin',
    responses: { 204: { description: 'revoked' } },
    handle: async (ask) => {
      const id = idOf(ask.params.id, 'key')
      if (!(await revokeKey(context.database, id))) throw notFound('key')
      await audit(context, ask, 'key.revoke', id, 204)
      return { status: 204 }
    },
  }),
  route({
    id: 'listAudit',
    method: 'get',
    path: '/v1/audit',
    tag: 'Administration',
    summary: 'Who changed what, newest first',
    scope: 'admin',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      cursor: z.coerce.number().int().min(0).optional(),
    }),
    responses: {
      200: {
        description: 'a page of entries',
        schema: z.object({ items: z.array(auditEntry), next: z.string().nullable() }).meta({ id: 'AuditPage' }),
      },
    },
    handle: async ({ query: { limit, cursor } }) => {
      const rows = await context.database.query<Record<string, unknown> & { number: number; at: Date }>(
        `select number, at, owner, key_id as "keyId", address, request_id as "requestId", action, subject, status
         from nestwave.audit where ($1::bigint is null or number < $1) order by number desc limit $2`,
        [cursor ?? null, limit],
      )
      const items = rows.map((row) => ({ ...row, at: row.at.toISOString() }))
      return { status: 200, body: { items, next: rows.length === limit ? String(rows.at(-1)!.number) : null } }
    },
  }),
]

export const accountRoutes = (context: Context): Route[] => [...webhookRoutes(context), ...keyRoutes(context)]
