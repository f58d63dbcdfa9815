import { z } from 'zod'
import { meshListSchema, meshSchema } from '../../client/api.ts'
import { audit } from '../audit.ts'
import type { Context } from '../context.ts'
import { findMesh, listMeshes, meshName, putMesh, removeMesh } from '../meshes.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const TAG = 'Meshes'
const mesh = { description: 'the mesh, with what it holds', schema: meshSchema } as const

export const meshRoutes = (context: Context): Route[] => [
  route({
    id: 'putMesh',
    method: 'put',
    path: '/v1/meshes/{name}',
    tag: TAG,
    summary: 'Upload a mesh',
    description:
      'A Gmsh file (.msh 2.2 or 4.1, ASCII) as the body. It is read and checked before it is kept. Jobs keep the mesh they were made with.',
    scope: 'write',
    body: { contentType: 'application/octet-stream' },
    responses: { 201: { ...mesh, description: 'kept' }, 200: { ...mesh, description: 'replaced' } },
    handle: async (ask) => {
      const name = meshName(ask.params.name)
      const { resource, created } = await putMesh(context, ask.caller.owner, name, ask.request)
      await audit(context, ask, 'mesh.put', name, 201)
      return { status: created ? 201 : 200, body: resource }
    },
  }),
  route({
    id: 'listMeshes',
    method: 'get',
    path: '/v1/meshes',
    tag: TAG,
    summary: 'List meshes: your own and those that come with Nestwave',
    scope: 'read',
    responses: { 200: { description: 'the meshes', schema: meshListSchema } },
    handle: async ({ caller }) => ({ status: 200, body: { items: await listMeshes(context, caller.owner) } }),
  }),
  route({
    id: 'getMesh',
    method: 'get',
    path: '/v1/meshes/{name}',
    tag: TAG,
    summary: 'A mesh',
    scope: 'read',
    responses: { 200: mesh },
    handle: async ({ caller, params }) => {
      const found = await findMesh(context, caller.owner, params.name)
      if (found === null) throw notFound('mesh')
      return { status: 200, body: found }
    },
  }),
  route({
    id: 'deleteMesh',
    method: 'delete',
    path: '/v1/meshes/{name}',
    tag: TAG,
    summary: 'Remove a mesh of yours; jobs keep theirs',
    scope: 'write',
    query: z.object({}),
    responses: { 204: { description: 'removed' } },
    handle: async (ask) => {
      await removeMesh(context, ask.caller.owner, ask.params.name)
      await audit(context, ask, 'mesh.delete', ask.params.name, 204)
      return { status: 204 }
    },
  }),
]
